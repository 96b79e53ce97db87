import math

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors._support.growth import WINDOW, Windows, project
from tests.dashboard.analysis.detectors.replay import smooth_noise

T = np.arange(24.0) * 10
LIMIT = math.log(1e4)


def test_a_clean_exponential_crosses_where_it_does():
    seen = project(T, 5 + 0.01 * T, LIMIT)
    assert seen.slope == pytest.approx(0.01, rel=0.05) and seen.intercept == pytest.approx(5 + 0.01 * 230, abs=0.01)
    crossing = (LIMIT - 5) / 0.01
    assert seen.crossing.holds(crossing) and seen.crossing.mid == pytest.approx(crossing, rel=0.02)


@pytest.mark.parametrize(("k", "ahead"), [(0.0, 1.5), (-0.5, 1.0), (0.5, 1.5)])
def test_the_interval_holds_the_crossing_nine_times_in_ten(k, ahead):
    """Growth whose pace changes by exp(-k) a window, and which crosses `ahead` windows later."""
    u = (T - T[-1]) / (T[-1] - T[0])

    def shape(u):
        return u if k == 0 else -np.expm1(-k * u) / k

    held = 0
    for seed in range(300):
        line = LIMIT + 1.5 * (shape(u) - shape(ahead)) + smooth_noise(np.random.default_rng(seed), 24, 0.12, 0.3)
        seen = project(T, line, LIMIT)
        held += seen.crossing.holds(T[-1] + 230 * ahead)
    assert held >= 0.84 * 300


def test_growth_that_has_stopped_is_not_prolonged():
    line = np.log(60 * -np.expm1(-(T + 20) / 60)) + smooth_noise(np.random.default_rng(1), 24, 0.05)
    assert math.isinf(project(T, line, LIMIT).crossing.mid)


def test_falling_or_flat_never_crosses():
    for slope in (-0.01, 0.0):
        seen = project(T, 4 + slope * T + smooth_noise(np.random.default_rng(2), 24, 0.02), LIMIT)
        assert math.isinf(seen.crossing.mid) and math.isinf(seen.crossing.high)


def test_an_outlier_hardly_moves_the_trend():
    line = 4 + 0.005 * T + smooth_noise(np.random.default_rng(3), 24, 0.05)
    hit = line.copy()
    hit[-2] += 3
    assert project(T, hit, LIMIT).slope == pytest.approx(project(T, line, LIMIT).slope, rel=0.25)


def test_windows_keep_the_same_points_however_they_come():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(1000)
    whole, pieces = Windows(), Windows()
    whole.add(np.arange(1000), values)
    for part in np.split(np.arange(1000), np.sort(rng.integers(0, 1000, 60))):
        pieces.add(part, values[part])
    for scale in range(10):
        np.testing.assert_allclose(whole.of(scale), pieces.of(scale), rtol=1e-14)
        blocks = values[: 1000 >> scale << scale].reshape(-1, 1 << scale).mean(axis=1)
        np.testing.assert_allclose(whole.of(scale)[1], blocks[-WINDOW:], rtol=1e-12, atol=1e-15)
