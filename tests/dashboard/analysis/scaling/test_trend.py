"""ScaleTrend classes: a power law is let through, what turns round, starts late or does not move is refused."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling.trend import ScaleShape, trend

SCALE = np.geomspace(1e18, 1e22, 16)
PLACE = np.linspace(0, 1, 16)
SHAPES = {
    "falling": (4.0 * (SCALE / 1e18) ** -0.12, ScaleShape.POWER),
    "saturating": (1.8 + 2.0 * (SCALE / 1e18) ** -0.35, ScaleShape.POWER),
    "rising": (0.25 + 0.4 * PLACE, ScaleShape.POWER),
    "inverted U": (0.4 + 1.2 * PLACE * (1 - PLACE), ScaleShape.TURNING),
    "U": (0.7 - 1.2 * PLACE * (1 - PLACE), ScaleShape.TURNING),
    "late": (0.25 + 1.5 * np.maximum(PLACE - 0.6, 0), ScaleShape.EMERGENT),
    "flat": (np.full(16, 0.5), ScaleShape.NONE),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_each_shape_is_told(name, seed):
    values, kind = SHAPES[name]
    noise = 0.012 * np.random.default_rng(seed).standard_normal(16)
    assert trend(SCALE, values + noise).kind is kind


def test_only_the_power_law_is_extrapolated_and_few_points_tell_nothing():
    assert [kind for kind in ScaleShape if kind.extrapolates] == [ScaleShape.POWER]
    assert trend(SCALE[:5], PLACE[:5]).kind is ScaleShape.UNKNOWN
    assert trend(np.full(9, 1e20), np.arange(9.0)).kind is ScaleShape.UNKNOWN


def test_order_and_missing_values_do_not_matter():
    values = SHAPES["inverted U"][0]
    turned = np.random.default_rng(0).permutation(16)
    with_gap = np.append(values[turned], np.nan)
    assert trend(np.append(SCALE[turned], 1e23), with_gap).kind is ScaleShape.TURNING
