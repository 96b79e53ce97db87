"""What explains a rise, known when it begins."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors._support.expected_rises import ExpectedRises, hold
from barograph.dashboard.analysis.detectors.detector import Happening, News


def explained(cuts=(), happenings=(), end=2000, **signals) -> np.ndarray:
    """Whether each step is explained [end], asked piece by piece."""
    expected, masks = ExpectedRises(), []
    for steps in np.split(np.arange(end), sorted(cuts)):
        if not len(steps):
            continue
        lo, until = int(steps[0]), int(steps[-1])
        points = {name: {("0",) if name == "lr" else (): (steps, values[steps])} for name, values in signals.items()}
        expected.see(News(until, points, tuple(h for h in happenings if lo <= h.step <= until)))
        masks.append(expected.explains(steps)[0])
    return np.concatenate(masks)


def ramp(*pieces) -> np.ndarray:
    """Learning rates from (steps, from, to), ..."""
    return np.concatenate([np.linspace(lo, hi, n) for n, lo, hi in pieces])


WARM = (100, 0.0, 1.0)
REWARMED = ramp(WARM, (900, 1, 1), (500, 1, 0.1), (200, 0.1, 1), (300, 1, 1))
SILENT = {
    "warm-up and constant": ramp(WARM, (1900, 1, 1)),
    "cosine": ramp(WARM)[:100].tolist() + (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, 1900))).tolist(),
    "steps down": ramp(WARM, (900, 1, 1), (500, 0.1, 0.1), (500, 0.01, 0.01)),
    "warm-up in stairs": ramp((50, 0.1, 0.1), (50, 0.5, 0.5), (1900, 1, 1)),
    "jitter": 1 + 0.01 * np.random.default_rng(0).standard_normal(2000),
}


@pytest.mark.parametrize("name", SILENT)
def test_a_schedule_that_only_warms_up_and_decays_explains_nothing(name):
    assert not explained(lr=np.asarray(SILENT[name])).any()


def test_a_rewarm_explains_from_its_beginning_until_it_has_settled():
    mask = explained(lr=REWARMED)
    first, last = np.flatnonzero(mask)[[0, -1]]
    assert 1500 <= first <= 1510 and last == 1699 + hold(1699) and mask[first : last + 1].all()


def test_a_restart_of_a_wsd_schedule_is_a_rewarm():
    mask = explained(lr=ramp(WARM, (900, 1, 1), (200, 1, 0), (800, 1, 1)))
    assert mask[1200] and not mask[:1200].any() and not mask[1200 + hold(1200) + 1 :].any()


@pytest.mark.parametrize("kind", ["data", "task", "restart", "batch", "sequence"])
def test_the_timeline_explains(kind):
    mask = explained(happenings=[Happening(700, kind), Happening(1500, "note"), Happening(1600, "checkpoint")])
    assert np.flatnonzero(mask)[[0, -1]].tolist() == [700, 700 + hold(700)] and mask.sum() == hold(700) + 1


def test_other_data_may_lift_the_loss_to_any_height():
    expected = ExpectedRises()
    expected.see(News(10, {}, (Happening(3, "data"), Happening(8, "restart"))))
    _, causes = expected.explains(np.arange(11))
    assert causes[2] is None and causes[5].other_data and not causes[9].other_data


def test_another_batch_size_explains_and_a_short_batch_does_not():
    usual = np.full(2000, 512.0)
    usual[::97] = 100  # the end of an epoch
    assert not explained(tokens=usual.cumsum()).any()
    usual[1000:] *= 2
    assert np.flatnonzero(explained(tokens=usual.cumsum()))[0] in range(1003, 1006)


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    cuts = np.random.default_rng(seed).integers(0, 2000, 60)
    known = {"lr": REWARMED, "tokens": np.where(np.arange(2000) < 600, 5.0, 9.0).cumsum()}
    happenings = [Happening(s, "restart") for s in (300, 350, 1650, 1999)]
    np.testing.assert_array_equal(explained(cuts, happenings, **known), explained((), happenings, **known))
