"""Plans proposed from the LR seen so far."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule, proposals
from tests.dashboard.analysis.forecasting.synthetic import cosine, wsd


def seen(schedule, at):
    steps = np.arange(10, at + 1, 10)
    return steps, schedule.eta[steps - 1]


@pytest.mark.parametrize(
    "schedule, shape",
    [(cosine(), "cosine"), (Schedule([0, 300, 20_000], [0, 5e-4, 0]), "linear"), (wsd(), "wsd")],
    ids=["cosine", "linear", "wsd"],
)
def test_the_right_shape_and_end_are_found_once_the_lr_moves(schedule, shape):
    best = proposals(*seen(schedule, 18_500))[0]
    assert best.shape == shape and best.misfit < 0.01
    assert best.schedule.total == pytest.approx(20_000, rel=0.03)
    assert best.schedule.eta[19_500] == pytest.approx(schedule.eta[19_500], abs=0.03 * schedule.peak)


def test_a_known_total_is_kept():
    assert all(plan.schedule.total == 20_000 for plan in proposals(*seen(cosine(), 9_000), total=20_000))


def test_before_the_lr_moves_constant_and_wsd_fit_and_all_shapes_are_offered():
    plans = proposals(*seen(wsd(), 10_000))
    assert [plan.shape for plan in plans[:2]] == ["constant", "wsd"]
    assert {plan.shape for plan in plans} == {"constant", "wsd", "cosine", "linear"}


def test_every_plan_keeps_what_was_seen():
    steps, lr = seen(cosine(), 9_000)
    for plan in proposals(steps, lr):
        assert plan.schedule.eta[steps - 1] == pytest.approx(lr)
