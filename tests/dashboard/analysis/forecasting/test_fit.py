"""One fit: a compromise of prior and data, and predictions that know their error."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import known_laws
from barograph.dashboard.analysis.forecasting.fit import Gaussian, fit
from barograph.dashboard.analysis.forecasting.observe import Observed
from tests.dashboard.analysis.forecasting.synthetic import TRUE, cosine, run, wsd

LAW = known_laws()["river"]
SPREAD = np.array([sd for _, sd in LAW.typical.values()])
PRIOR = Gaussian(np.log([middle for middle, _ in LAW.typical.values()]), np.diag(SPREAD**2))


def observed(schedule, **options):
    steps, losses, _ = run(schedule, **options)
    return Observed.of(steps, losses, schedule)


def sds(found):
    return np.sqrt(np.diag(found.covariance))


def test_without_data_it_is_the_prior():
    found = fit(LAW, [], PRIOR)
    assert found.mean == pytest.approx(PRIOR.mean) and found.covariance == pytest.approx(PRIOR.covariance)


def test_runs_move_it_to_the_truth_and_more_of_them_narrow_it():
    one = fit(LAW, [observed(wsd())], PRIOR)
    two = fit(LAW, [observed(wsd()), observed(cosine(), seed=1)], PRIOR)
    for found in (one, two):
        assert found.converged and np.all(np.abs(found.mean - TRUE) < 3 * sds(found))
    assert np.all(sds(two) <= sds(one)) and np.all(sds(one) <= SPREAD + 1e-9)


def test_a_certain_prior_stays():
    certain = Gaussian(PRIOR.mean, 1e-12 * np.eye(len(PRIOR.mean)))
    assert fit(LAW, [observed(wsd())], certain).mean == pytest.approx(PRIOR.mean, abs=1e-4)


def test_a_start_near_the_end_leads_there_too():
    runs = [observed(wsd())]
    assert fit(LAW, runs, PRIOR, start=TRUE).mean == pytest.approx(fit(LAW, runs, PRIOR).mean, abs=0.02)


def test_the_law_that_made_the_run_has_the_most_evidence():
    runs = [observed(cosine(), noise=3e-4)]
    steps = known_laws()["power_steps"]
    blind = Gaussian(
        np.log([middle for middle, _ in steps.typical.values()]),
        np.diag([sd**2 for _, sd in steps.typical.values()]),
    )
    assert fit(LAW, runs, PRIOR).evidence > fit(steps, runs, blind).evidence + 10


def test_a_prediction_holds_the_truth_and_is_wider_further_on():
    steps, losses, final = run(wsd())
    half = steps <= 10_000
    found = fit(LAW, [past := Observed.of(steps[half], losses[half], wsd())], PRIOR)
    mean, variance = found.predict(past, [10_000, 20_000])
    assert abs(mean[1] - final) < 3 * variance[1] ** 0.5
    assert mean[0] == pytest.approx(losses[half][-1], rel=5e-3) and 0 < variance[0] < variance[1]
