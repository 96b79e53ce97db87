"""Classes of trends on synthetic metrics, and that only a power law is extrapolated."""

import re

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from barograph.dashboard.analysis.measures.trend import TrendShape, classify

LOG, EVEN = np.geomspace(10, 1e4, 30), np.linspace(100, 1e4, 30)


def shapes(x):
    u = np.log(x)
    middle = u[0] + 0.7 * (u[-1] - u[0])
    return {
        TrendShape.POWER_LAW: 0.9 - 1.2 * x**-0.3,
        TrendShape.SATURATING: 0.8 - 0.6 * np.exp(-x / 800),
        TrendShape.U: 0.4 + 0.05 * (u - u.mean()) ** 2,
        TrendShape.INVERTED_U: 0.8 - 0.05 * (u - u.mean()) ** 2,
        TrendShape.EMERGENT: 0.1 + 0.6 / (1 + np.exp(-(u - middle) / 0.15)),
        TrendShape.FLAT: 0.5 + 0 * x,
    }


@pytest.mark.parametrize("x", [LOG, EVEN], ids=["log", "even"])
@pytest.mark.parametrize("sd", [0.0, 0.003, 0.01])
@pytest.mark.parametrize("kind", TrendShape)
def test_every_shape_is_told(kind, sd, x):
    found = [classify(x, shapes(x)[kind] + sd * np.random.default_rng(s).standard_normal(30)).kind for s in range(8)]
    assert found.count(kind) >= 7


def test_a_power_law_is_extrapolated_with_a_band_that_holds_the_truth():
    inside = 0
    for seed in range(40):
        noise = 0.003 * np.random.default_rng(seed).standard_normal(30)
        found = classify(LOG, shapes(LOG)[TrendShape.POWER_LAW] + noise).at(1e5)
        assert found.low <= found.mid <= found.high < 1
        inside += found.holds(0.9 - 1.2 * 1e5**-0.3)
    assert inside >= 32


@pytest.mark.parametrize("kind", [kind for kind in TrendShape if kind is not TrendShape.POWER_LAW])
def test_nothing_else_is(kind):
    with pytest.raises(ValueError, match="expected a power law to extrapolate"):
        classify(LOG, shapes(LOG)[kind]).at(1e5)


def test_as_a_measure_over_each_tasks_own_visit():
    steps = np.arange(1, 101)
    law, still = 0.9 - 0.8 * steps**-0.5, np.full(100, 0.5)
    record = Evaluations.of(
        np.r_[steps, 100 + steps], ["a"] * 100 + ["b"] * 100, np.r_[law, still], visits=[("a", 0, 100), ("b", 100, 200)]
    )
    found = discover()["trend"](record)
    kinds = {row.task: row.kind for row in found.rows}
    assert found.value == 0.5 and kinds == {"a": TrendShape.POWER_LAW, "b": TrendShape.FLAT}


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (np.arange(1, 6), np.ones(5), "5 points and 5 values: expected at least 8"),
        (np.arange(9), np.ones(9), "expected positive, increasing x"),
        (np.arange(1, 10), np.full(9, np.nan), "finite values"),
    ],
)
def test_what_has_no_trend_to_look_for_is_refused(x, y, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        classify(x, y)
