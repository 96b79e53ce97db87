"""The schedule that gradient norms suggest."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.future import GradientNorms, Start
from barograph.dashboard.analysis.forecasting.futures.refined import Refined, refined, refined_from
from tests.dashboard.analysis.forecasting.synthetic import wsd

PLAN, AT = wsd(), 10_000


def test_equal_gradient_norms_are_refined_to_linear_decay():
    plan = refined(np.ones(500), 1e-3, 5_000)
    assert plan.eta == pytest.approx(1e-3 * (1 - np.arange(5_000) / 5_000), abs=6e-6)


def test_large_early_norms_are_refined_to_a_warm_up():
    norms = np.where(np.arange(1000) < 100, 10.0, 1.0)
    norms[500] = np.nan
    plan = refined(norms, 1e-3, 1_000)
    assert plan.eta[10] < 0.05e-3 and np.argmax(plan.eta) in range(90, 130) and plan.eta[-1] < 1e-5


def test_the_schedule_is_the_weights_times_what_is_left_of_them():
    norms = np.random.default_rng(0).uniform(0.5, 2, 200)
    weight = norms**-2
    slow = np.array([weight[t] * weight[t + 1 :].sum() for t in range(200)])
    assert refined(norms, 1e-3, 200, width=1).eta == pytest.approx(1e-3 * slow / slow.max())


def test_of_l1_norms_the_root_is_taken():
    norms = np.random.default_rng(1).uniform(0.5, 2, 200)
    found = refined_from(GradientNorms(norms, l1=True), 1e-3, 200)
    assert found.eta == pytest.approx(refined(np.sqrt(norms), 1e-3, 200).eta)


def test_it_is_entered_at_the_learning_rate_that_the_run_has():
    plan = Refined().apply(Start(PLAN, AT, GradientNorms(np.ones(500))))
    assert plan.eta[AT] == pytest.approx(PLAN.eta[AT - 1], rel=1e-3) and plan.eta[-1] < 1e-3 * PLAN.peak


def test_too_few_norms_and_none_are_refused():
    with pytest.raises(ValueError, match="at least 10 finite gradient norms above 0, got 5"):
        refined([1.0] * 5 + [np.nan, 0.0] * 9, 1e-3, 10)
    with pytest.raises(ValueError, match="recorded no gradient norms"):
        Refined().apply(Start(PLAN, AT))


def test_a_million_gradient_norms_are_refined_in_little_memory():
    plan = refined(np.ones(1_000_000), 1e-3, 100_000)
    assert plan.eta[50_000] == pytest.approx(0.5e-3, rel=0.01)
