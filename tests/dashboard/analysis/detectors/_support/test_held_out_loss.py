"""The held-out loss beside the training loss: rises that are sure, noise that is none, other data."""

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors._support.held_out_loss import HeldOutLoss
from barograph.dashboard.analysis.detectors.detector import Happening, News

STEPS = np.arange(1, 2001)
EVERY = np.arange(20, 2001, 20)


def shown(held, train=None, happenings=(), cuts=()):
    """What is kept of a run whose held-out loss is measured every 20 steps."""
    train = 3 - STEPS / 1000 if train is None else train
    kept, low = HeldOutLoss(), 0
    for until in (*cuts, 2000):
        points = {}
        for name, steps, values in (("val_loss", EVERY, held), ("loss", STEPS, train), ("lr", STEPS, 1e-3 + 0 * STEPS)):
            new = (steps > low) & (steps <= until)
            points[name] = {(): (steps[new], values[new])}
        new = tuple(h for h in happenings if low < h.step <= until)
        list(kept.feed(News(until, points, new)))
        low = until
    return kept


def turning(noise=0.0, seed=0):
    return 2 + 0.5 * np.abs(EVERY / 1000 - 1) + noise * np.random.default_rng(seed).standard_normal(len(EVERY))


def test_a_rise_behind_the_lowest_point_is_found_with_its_size():
    rise = shown(turning(0.005)).rise()
    assert rise.sure and rise.bottom == pytest.approx(1000, abs=80)
    assert rise.size == pytest.approx(0.5, abs=0.05) and rise.lowest == pytest.approx(2, abs=0.05)
    assert rise.training == pytest.approx(-2 / 3, abs=0.05)  # the first third of the second half against the last


@pytest.mark.parametrize("held", [3 - EVERY / 1000, 2 + 0 * EVERY])
def test_a_fall_and_a_line_are_no_rise(held):
    rise = shown(held).rise()
    assert rise is None or not rise.sure


def test_noise_alone_is_hardly_ever_a_sure_rise():
    found = [shown(2 + 0.02 * np.random.default_rng(seed).standard_normal(len(EVERY))).rise() for seed in range(40)]
    assert sum(rise is not None and rise.sure for rise in found) <= 2


def test_a_rise_is_not_sure_while_the_training_loss_rises_too():
    assert not shown(turning(), train=2 + STEPS / 1000).rise().sure


def test_the_noise_of_an_evaluation_is_measured_through_the_trend():
    assert shown(turning(0.02)).noise() == pytest.approx(0.02, rel=0.3)


def test_it_begins_anew_where_the_data_change():
    kept = shown(turning(), happenings=(Happening(1910, "data", "other data"),))
    assert kept.held.steps.min() > 1910 and kept.train.steps.min() > 1910 and kept.rise() is None
    assert shown(turning(), happenings=(Happening(1910, "checkpoint"),)).held.steps.min() < 100


def test_it_is_the_same_however_the_run_is_cut():
    whole, pieces = shown(turning(0.01)), shown(turning(0.01), cuts=(7, 20, 333, 1001, 1500))
    assert whole.rise() == pieces.rise() and np.array_equal(whole.rates(0, 2000), pieces.rates(0, 2000))


def test_what_is_as_good_as_infinite_is_left_out():
    held = turning()
    held[[10, 30]] = [np.inf, 1e35]
    assert np.isfinite(shown(held).held.values).all() and shown(held).held.values.max() < 3


def test_changes_of_the_training_loss_need_a_few_points():
    kept = shown(turning())
    assert kept.trained(500, 1500)[0] == pytest.approx(-2 / 3, abs=0.03)
    assert kept.trained(1998, 2000) is None
    assert kept.rates(500, 1500) == pytest.approx(1e-3) and len(kept.rates(5000, 6000)) == 0
