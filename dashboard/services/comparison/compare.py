"""Runs compared: where they ended, what is beyond noise, how soon each reached a loss, in what they differ.

The page *Compare*, the command and the report ask here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ....db import Run, Store
from ....errors import InvalidInput, StoreError
from ...analysis.statistics.binned import Binned, binned
from ...analysis.statistics.configs import but_for_seed, differing
from ...analysis.statistics.difference import Difference, Seeds, difference, seed_noise
from ...analysis.statistics.ending import Ending, ending
from ...analysis.statistics.reach import reach, speedup
from ..run_table import VALIDATION, final_value
from .notes import notes
from .result import Comparison, Result
from .tokenizers import per_byte

AXES = ("step", "tokens", "time", "flops", "epoch")
OPPOSITE = {"lower": "higher", "higher": "lower"}

Curve = tuple[np.ndarray, np.ndarray]


def compare(
    store: Store,
    runs: Sequence[Run],
    *,
    signal: str | None = None,
    axis: str = "step",
    reference: str | None = None,
    target: float | None = None,
) -> Comparison:
    """Compares runs in one signal: the validation loss where all have recorded it, else the training loss.

    `reference` is a run's id (default: the first), `target` a value of the signal (default: where the reference
    ended). InvalidInput for fewer than two runs, an unknown axis and a target that is no number; NotRecorded for runs
    whose tokenizers differ (a loss per token means something else for each) unless each has `bytes_per_token` in its
    configuration.
    """
    if len(runs) < 2:
        raise InvalidInput(f"{len(runs)} run to compare: expected at least two")
    if axis not in AXES:
        raise InvalidInput(f"no axis {axis!r}: expected one of {', '.join(AXES)}")
    if target is not None and not math.isfinite(target):
        raise InvalidInput(f"the target is {target}: expected a finite value of the signal")
    signal = signal or common(store, runs)
    factors, unit = per_byte(runs, signal)
    unit, better = _described(store, runs, signal, unit)
    sign = -1.0 if better == "higher" else 1.0
    curves = _Curves(store, axis, None if signal == "loss" else VALIDATION)
    for run, factor in zip(runs, factors, strict=True):
        points = store.series(run.id, signal)
        curves.points[run.id] = points.steps, points.values * factor * sign
    base = next((run for run in runs if run.id == reference), runs[0])
    seeds = seeds_of(store, runs, signal)
    base_end = curves.end(base.id)
    goal = sign * target if target is not None else base_end.value if base_end is not None else None
    results = tuple(_result(curves, run, base, seeds, goal, sign) for run in runs)
    config = differing([run.config for run in runs])
    target = None if goal is None else sign * goal
    found = Comparison(signal, unit, axis, base.id, target, results, config, seeds, better)
    return replace(found, notes=notes(found))


def common(store: Store, runs: Sequence[Run]) -> str:
    """The loss that all runs have: validation with 3 points at least, else training."""
    return "val_loss" if all(len(store.buckets(r.id, "val_loss", width=4)) >= VALIDATION for r in runs) else "loss"


def seeds_of(store: Store, runs: Sequence[Run], signal: str) -> Seeds | None:
    """The noise from seed to seed, from all finished runs of these projects that are equal but for the seed."""
    projects = {run.project for run in runs}
    groups: dict[tuple[object, int | None], list[Run]] = {}
    for run in store.runs():
        if run.project in projects and run.state == "finished" and run.config:
            groups.setdefault((but_for_seed(run.config), run.last_step), []).append(run)
    ends = [[final_value(store, run, signal) for run in group] for group in groups.values() if len(group) > 1]
    return seed_noise([[end for end in group if end is not None] for group in ends])


def _described(store: Store, runs: Sequence[Run], signal: str, unit: str) -> tuple[str, str]:
    """The unit of the signal, and which way is better."""
    described = [store.signals(run.id).get(signal) for run in runs]
    unit = unit or next((d.unit for d in described if d is not None and d.unit), "")
    better = next((d.better for d in described if d is not None), "neither")
    if better == "neither" and "loss" in signal:  # an imported one is not described
        better = "lower"
    return unit, better


class _Curves:
    """The points of each run, by its id, turned so that lower is better; ends and means are computed from them."""

    def __init__(self, store: Store, axis: str, last: int | None):
        self.store, self.axis, self.last = store, axis, last
        self.points: dict[str, Curve] = {}
        self._means: dict[str, Binned] = {}

    def end(self, run: str) -> Ending | None:
        """Where the run ended; None without a finite value."""
        steps, values = self.points[run]
        return ending(steps, values, last=self.last) if np.isfinite(values).any() else None

    def means(self, run: str) -> Binned:
        """Means over bins of the axis. StoreError where the run did not record the axis."""
        if run not in self._means:
            steps, values = self.points[run]
            self._means[run] = binned(self.store.axis(run, steps, self.axis), values)
        return self._means[run]


def _result(curves: _Curves, run: Run, base: Run, seeds: Seeds | None, goal: float | None, sign: float) -> Result:
    """One run against the reference `base`; `sign` turns values back."""
    _, values = curves.points[run.id]
    finite = values[np.isfinite(values)]
    not_finite = len(values) - len(finite)
    end = curves.end(run.id)
    if end is None:
        return Result(run, not_finite=not_finite, problem="recorded no finite value of this signal")
    against, problem, to_target, ratio = None, "", None, None
    if run.id != base.id and curves.end(base.id) is not None:
        against = difference(curves.points[run.id], curves.points[base.id], seeds, last=curves.last)
        if sign < 0:
            against = Difference(-against.value, OPPOSITE.get(against.verdict, against.verdict))
    try:
        if goal is not None:
            to_target = reach(curves.means(run.id), goal)
            ratio = None if run.id == base.id else speedup(curves.means(run.id), curves.means(base.id), goal)
    except StoreError as error:  # the run did not record the axis
        problem = str(error)
    best = None if curves.last is None else float(sign * finite.min())
    final = Ending(sign * end.value, end.error, end.first, end.n)
    return Result(run, final, best, against, to_target, ratio, _lr_fraction(curves.store, run), not_finite, problem)


def _lr_fraction(store: Store, run: Run) -> float | None:
    """The run's last learning rate over its largest."""
    found = store.signals(run.id).get("lr")
    if found is None:
        return None
    points = store.buckets(run.id, "lr", found.parts[0], width=500)
    if not len(points) or not np.nanmax(points.high) > 0:
        return None
    return float(points.mean[-1] / np.nanmax(points.high))
