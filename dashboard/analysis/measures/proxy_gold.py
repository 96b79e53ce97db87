"""The turning point of over-optimisation: from where the measure that is meant falls while the optimised one rises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....interval import Interval
from ..statistics.turning_point import slope_bounds, turning_point
from ._support.result import Measure, MeasureResult, not_measured
from ._support.tasks import Evaluations

FEWEST = 10


@dataclass(frozen=True)
class Turned:
    """The step from which `gold` surely falls while the main metric surely rises."""

    task: str
    at: Interval


def turns(record: Evaluations) -> tuple[Turned, ...]:
    """Of each task that has a metric `gold` beside the main one (the proxy): where the two part.

    The checkpoint to keep is the one at the turning point; the proxy's own curve does not show it. The turning point
    is fitted to gold (`statistics.turning_point`); it counts where, behind its interval, the slope of gold is surely
    below 0 and that of the proxy surely above. Source: Moskovitz et al. 2023.
    """
    found = []
    for name in record.names:
        proxy, gold = record.curve(name), record.curve(name, "gold")
        turn = turning_point(gold.step.astype(float), gold.value) if len(gold) >= FEWEST else None
        if turn is None:
            continue
        falls = slope_bounds(gold.step, gold.value, turn.at.high, turn.memory)[1] < 0
        if falls and slope_bounds(proxy.step, proxy.value, turn.at.high, turn.memory)[0] > 0:
            found.append(Turned(name, turn.at))
    return tuple(found)


def _first(record: Evaluations) -> MeasureResult:
    if "gold" not in record.also:
        return not_measured("no metric `gold` was evaluated with the main one, the proxy")
    rows = turns(record)
    if not rows:
        return not_measured("no turning point: gold does not fall significantly while the proxy rises")
    steps = {row.task: row.at.mid for row in rows}
    return MeasureResult(float(np.min(list(steps.values()))), cadence=record.cadence(steps), per_task=steps, rows=rows)


measure = Measure(
    "proxy_gold_turn", "Proxy-gold turning point", "First step from which gold falls while the proxy rises.",
    "neither", _first,
)  # fmt: skip
