import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay


def scaler(overflows, n, start=16, growth=2000):
    """The scale at each of n steps of a scaler that halves at these steps and doubles after `growth` without."""
    level, since, out = start, 0, np.empty(n)
    hit = set(overflows)
    for step in range(n):
        if step in hit:
            level, since = level - 1, 0
        elif since >= growth:
            level, since = level + 1, 0
        out[step], since = 2.0**level, since + 1
    return np.arange(n), out


def watch(overflows, n=6000, cuts=(), **more):
    return replay("loss_scale", {"loss_scale": scaler(overflows, n, **more)}, cuts=cuts)


def test_a_collapse_is_seen_thirty_steps_before_the_blow_up():
    said = watch([3710 + 3 * k for k in range(10)], 3740)
    assert [f.severity for f in said] == [Severity.WATCH, Severity.ACT]
    assert said[0].flagged == 3719 and said[1].flagged == 3725
    assert said[1].open and said[1].evidence["before"] / said[1].evidence["scale"] == 2**10


def test_a_scaler_at_work_is_silent():
    """It halves where the scaled gradient overflows, doubles after `growth` steps."""
    for seed, growth in enumerate((100, 500, 2000)):
        room = 16.5 - 0.5 * np.random.default_rng(seed).standard_normal(40_000)
        level, since, scale = 14, 0, np.empty(40_000)
        for step in range(40_000):
            since += 1
            if level > room[step]:
                level, since = level - 1, 0
            elif since > growth:
                level, since = level + 1, 0
            scale[step] = 2.0**level
        assert np.count_nonzero(np.diff(scale)) > 20
        assert not replay("loss_scale", {"loss_scale": (np.arange(40_000), scale)})


def test_the_search_for_a_scale_at_the_start_is_silent():
    assert not watch(range(18), 500, start=32)


def test_a_slow_fall_is_watched():
    said = watch(range(1000, 1900, 120))
    assert [f.severity for f in said] == [Severity.WATCH] and said[0].flagged == 1600


def test_nothing_left_to_halve():
    said = watch([300, 700, 1100], start=3)
    assert said[-1].severity == Severity.ACT and said[-1].flagged == 1100 and "nothing left" in said[-1].sentence


def test_a_constant_scale_of_one_is_no_scaler():
    assert not replay("loss_scale", {"loss_scale": (np.arange(5000), np.ones(5000))})


def test_it_closes_when_the_scale_has_recovered_or_stayed():
    back = watch([1000, 1010, 1020, 1030], 2500, growth=200)
    assert not back[-1].open and back[-1].last == 1030
    stayed = watch([1000, 1010, 1020, 1030], 2500)
    assert not stayed[-1].open and stayed[-1].last == 1030


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    overflows = np.concatenate([rng.integers(0, 6000, 6), 3000 + rng.integers(0, 300, 9)])
    more = {"growth": 150}
    assert watch(overflows, **more) == watch(overflows, **more, cuts=any_cuts(seed, 6000))
