"""The turning point of over-optimisation."""

import numpy as np

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations

MEASURES = discover()


def test_over_optimisation_has_a_turning_point():
    steps = np.arange(1, 81)
    d = np.sqrt(steps / 80)
    random = np.random.default_rng(1)
    gold = 1.5 * d * (1 + np.log(np.sqrt(30 / 80) / d)) + 0.01 * random.standard_normal(80)
    proxy = 0.9 * d + 0.01 * random.standard_normal(80)
    found = MEASURES["proxy_gold_turn"](Evaluations.of(steps, ["a"] * 80, proxy, also={"gold": gold}))
    (turn,) = found.rows
    assert turn.at.holds(30) and turn.at.width < 20 and found.value == turn.at.mid
    still = MEASURES["proxy_gold_turn"](Evaluations.of(steps, ["a"] * 80, proxy, also={"gold": proxy}))
    assert not still.measured and "no turning point" in still.note
