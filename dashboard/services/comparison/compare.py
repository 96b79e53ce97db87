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
from ....known_series import direction
from ...analysis.statistics.binned import Binned, binned
from ...analysis.statistics.configs import but_for_seed, differing
from ...analysis.statistics.difference import Difference, Seeds, difference, seed_noise
from ...analysis.statistics.ending import Ending, ending
from ...analysis.statistics.reach import reach, speedup
from ..run_table import final_value
from .comparability import PLAIN, obstacle
from .notes import notes
from .result import Comparison, Result
from .tokenizers import per_byte

AXES = ("step", "tokens", "time", "flops", "epoch")
OPPOSITE = {"lower": "higher", "higher": "lower"}
VALIDATION = 3  # validation losses of every run from which they are what is compared

Curve = tuple[np.ndarray, np.ndarray]


def compare(
    store: Store,
    runs: Sequence[Run],
    *,
    signal: str | None = None,
    axis: str = "step",
    reference: str | None = None,
    target: float | None = None,
    better: str | None = None,
) -> Comparison:
    """Compares runs in one signal: the validation loss where all have recorded it, else the training loss.

    `reference` is a run's id (default: the first), `target` a value of the signal (default: where the reference
    ended), `better` which way is better, "lower" or "higher" (default: as the signal says; where it does not, nothing
    is ranked). InvalidInput for fewer than two runs, an unknown axis or way and a target that is no number; NotRecorded
    for runs whose tokenizers differ (a loss per token means something else for each) unless each has `bytes_per_token`
    in its configuration.
    """
    if len(runs) < 2:
        raise InvalidInput(f"{len(runs)} run to compare: expected at least two")
    if axis not in AXES:
        raise InvalidInput(f"no axis {axis!r}: expected one of {', '.join(AXES)}")
    if target is not None and not math.isfinite(target):
        raise InvalidInput(f"the target is {target}: expected a finite value of the signal")
    if better not in (None, *OPPOSITE):
        raise InvalidInput(f"better is {better!r}: expected lower or higher")
    signal = signal or common(store, runs)
    factors, unit = per_byte(runs, signal)
    unit = unit or _unit(store, runs, signal)
    ways = (described(store, run, signal) for run in runs)
    better = better or next((way for way in ways if way != "neither"), "neither")
    sign = -1.0 if better == "higher" else 1.0
    best = better in OPPOSITE and signal not in ("loss", PLAIN)  # of a training loss: the luckiest batch
    curves = _Curves(store, axis, best)
    for run, factor in zip(runs, factors, strict=True):
        points = store.series(run.id, signal)
        curves.points[run.id] = points.steps, points.values * factor * sign
    base = next((run for run in runs if run.id == reference), runs[0])
    seeds = seeds_of(store, runs, signal)
    base_end = curves.end(base.id)
    goal = sign * target if target is not None else base_end.value if base_end is not None else None
    goal = goal if better in OPPOSITE else None
    results = tuple(_ranked(_result(curves, run, base, seeds, goal, sign), store, base, signal) for run in runs)
    config = differing([run.config for run in runs])
    target = None if goal is None else sign * goal
    found = Comparison(signal, unit, axis, base.id, target, results, config, seeds, better)
    return replace(found, notes=notes(found))


def common(store: Store, runs: Sequence[Run]) -> str:
    """The loss that all runs have: validation with 3 points at least, else training, unweighted where all have that."""
    if all(len(store.buckets(r.id, "val_loss", width=4)) >= VALIDATION for r in runs):
        return "val_loss"
    return PLAIN if all(PLAIN in store.signals(r.id) for r in runs) else "loss"


def seeds_of(store: Store, runs: Sequence[Run], signal: str) -> Seeds | None:
    """The noise from seed to seed, from all finished runs of these projects that are equal but for the seed."""
    projects = {run.project for run in runs}
    groups: dict[tuple[object, ...], list[Run]] = {}
    for run in store.runs():
        same = but_for_seed(run.config)
        if run.project in projects and run.state == "finished" and same:
            groups.setdefault((run.project, run.size.get("total"), same, run.last_step), []).append(run)
    alike: dict[tuple[object, ...], list[float]] = {}
    for key, group in groups.items():
        for run in group if len(group) > 1 else ():
            end = final_value(store, run, signal)
            if end is not None:  # an imported configuration may lack the learning rate
                alike.setdefault((key, _rounded(_peak(store, run))), []).append(end)
    return seed_noise(list(alike.values()))


def described(store: Store, run: Run, signal: str) -> str:
    """Which way of a signal is better: as the run describes it, or, of an imported one, as its name says."""
    known = store.signals(run.id).get(signal)
    return known.better if known is not None and known.better != "neither" else direction(signal)


def _unit(store: Store, runs: Sequence[Run], signal: str) -> str:
    known = (store.signals(run.id).get(signal) for run in runs)
    return next((one.unit for one in known if one is not None and one.unit), "")


class _Curves:
    """The points of each run, by its id, turned so that lower is better; ends and means are computed from them."""

    def __init__(self, store: Store, axis: str, best: bool):
        self.store, self.axis, self.best = store, axis, best
        self.points: dict[str, Curve] = {}
        self._means: dict[str, Binned] = {}

    def end(self, run: str) -> Ending | None:
        """Where the run ended; None without a finite value."""
        steps, values = self.points[run]
        return ending(steps, values) if np.isfinite(values).any() else None

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
        against = difference(curves.points[run.id], curves.points[base.id], seeds)
        if sign < 0:
            against = Difference(-against.value, OPPOSITE.get(against.verdict, against.verdict))
    try:
        if goal is not None and end.known:
            to_target = reach(curves.means(run.id), goal)
            ratio = None if run.id == base.id else speedup(curves.means(run.id), curves.means(base.id), goal)
    except StoreError as error:  # the run did not record the axis
        problem = str(error)
    best = float(sign * finite.min()) if curves.best else None
    final = Ending(sign * end.value, end.error, end.first, end.n)
    return Result(run, final, best, against, to_target, ratio, _lr_fraction(curves.store, run), not_finite, problem)


def _ranked(one: Result, store: Store, base: Run, signal: str) -> Result:
    """The result with the reason why it may not be ranked against the reference, if there is one."""
    if one.difference is None:
        return one
    found = obstacle(store, one.run, base, signal, (one.lr_fraction, _lr_fraction(store, base)))
    return one if found is None else replace(one, unranked=found, to_target=None, speedup=None)


def _peak(store: Store, run: Run) -> tuple[float, float] | None:
    """The run's largest learning rate and its last; None where none was recorded."""
    found = store.signals(run.id).get("lr")
    if found is None:
        return None
    points = store.buckets(run.id, "lr", found.parts[0], width=500)
    if not len(points) or not np.nanmax(points.high) > 0:
        return None
    return float(np.nanmax(points.high)), float(points.mean[-1])


def _rounded(rates: tuple[float, float] | None) -> str:
    """A peak learning rate that two runs share though it was logged to few digits."""
    return "" if rates is None else f"{rates[0]:.2g}"


def _lr_fraction(store: Store, run: Run) -> float | None:
    """The run's last learning rate over its largest."""
    rates = _peak(store, run)
    return None if rates is None else rates[1] / rates[0]
