"""Shapes of decays, and knots behind the past."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.futures._shapes import SHAPES, append, shape
from tests.dashboard.analysis.forecasting.synthetic import wsd

U = np.linspace(0, 1, 101)


@pytest.mark.parametrize("kind", SHAPES)
def test_a_shape_falls_from_high_to_low(kind):
    lr = shape(kind, U, 4.0, 1.0)
    assert lr[[0, -1]] == pytest.approx([4, 1]) and (np.diff(lr) < 0).all()


def test_shapes_by_hand_at_a_quarter():
    quarter = {kind: float(shape(kind, np.array([0.25]), 4.0, 1.0)[0]) for kind in SHAPES}
    cosine = 1 + 3 * (1 + 0.5**0.5) / 2
    assert quarter == pytest.approx({"linear": 3.25, "cosine": cosine, "sqrt": 2.5, "inverse": 1 / 0.4375})


def test_what_is_no_shape_is_refused():
    with pytest.raises(ValueError, match="needs an end above 0"):
        shape("inverse", U, 1.0, 0.0)
    with pytest.raises(ValueError, match="unknown decay 'steep': choose linear, cosine, sqrt or inverse"):
        shape("steep", U, 1.0, 0.0)


def test_knots_follow_the_past():
    plan = wsd()
    longer = append(plan, 10_000, [12_000], [0.0])
    assert longer.total == 12_000 and longer.warmup == plan.warmup
    assert longer.eta[:10_000] == pytest.approx(plan.eta[:10_000])
    assert longer.eta[10_999] == pytest.approx(plan.eta[9_999] / 2)
    assert append(plan, plan.total, [25_000], [1e-4]).eta[: plan.total] == pytest.approx(plan.eta)
