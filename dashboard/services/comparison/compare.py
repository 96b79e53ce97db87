"""Runs held against each other: their ends, what is beyond noise, how soon a loss is reached, what they differ in.

No Streamlit: the page *Compare*, the command and the report ask here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....db import Run, Store
from ....errors import StoreError
from ....interval import Interval
from ...analysis.statistics.binned import Binned, binned
from ...analysis.statistics.configs import but_for_seed, differing, flat
from ...analysis.statistics.difference import SAME, Difference, Seeds, difference, seed_noise
from ...analysis.statistics.ending import Ending, ending
from ...analysis.statistics.reach import reach, speedup
from ..run_table import VALIDATION, final

AXES = ("step", "tokens", "time", "flops", "epoch")
VOCABULARY = ("tokenizer", "tokenizer_name", "vocab_size", "vocabulary")  # keys, last part of a nested one
BYTES = "bytes_per_token"
FLAT = 0.3  # of its peak: a learning rate above has not been decayed


@dataclass(frozen=True, eq=False)
class Line:
    """One run of a comparison; None where the run has not recorded what it takes, and `said` says what that is."""

    run: Run
    end: Ending | None = None
    best: float | None = None
    difference: Difference | None = None  # to the reference
    reach: Interval | None = None  # of the target, on the axis
    speedup: Interval | None = None  # of reaching the target, over the reference
    lr_left: float | None = None  # the last learning rate over the largest
    bad: int = 0  # values that are not finite
    said: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """`unit` is "nats" or what the signal is described by, "bits per byte" where tokenizers differ."""

    signal: str
    unit: str
    axis: str
    reference: str
    target: float | None
    lines: tuple[Line, ...]
    config: dict[str, list[Any]]
    seeds: Seeds | None
    better: str
    told: tuple[str, ...]


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
    ended). Raises ValueError for fewer than two runs, an unknown axis, and runs whose tokenizers differ (a loss per
    token means something else for each) unless each says `bytes_per_token` in its configuration.
    """
    if len(runs) < 2:
        raise ValueError(f"{len(runs)} run to compare: expected at least two")
    if axis not in AXES:
        raise ValueError(f"no axis {axis!r}: expected one of {', '.join(AXES)}")
    signal = signal or common(store, runs)
    factors, unit = per_byte(runs, signal)
    described = [store.signals(run.id).get(signal) for run in runs]
    unit = unit or next((d.unit for d in described if d is not None and d.unit), "")
    better = next((d.better for d in described if d is not None), "neither")
    if better == "neither" and "loss" in signal:  # an imported one says nothing of itself
        better = "lower"
    sign = -1.0 if better == "higher" else 1.0
    curves = {run.id: _curve(store, run, signal, f * sign) for run, f in zip(runs, factors, strict=True)}
    held = next((run for run in runs if run.id == reference), runs[0])
    seeds = seeds_of(store, runs, signal)
    last = VALIDATION if signal != "loss" else None
    if target is None:
        found = _end(curves[held.id], last)
        goal = found.value if found else None
    else:
        goal = sign * target

    @functools.cache
    def means(run_id: str) -> Binned:
        steps, values = curves[run_id]
        return binned(store.axis(run_id, steps, axis), values)

    lines = [_line(store, run, held, curves, seeds, last, means, goal, sign) for run in runs]
    config = differing([run.config for run in runs])
    told = _told(lines, seeds, config)
    goal = None if goal is None else sign * goal
    return Comparison(signal, unit, axis, held.id, goal, tuple(lines), config, seeds, better, told)


def common(store: Store, runs: Sequence[Run]) -> str:
    """The loss that all runs have: validation with 3 points at least, else training."""
    return "val_loss" if all(len(store.buckets(r.id, "val_loss", width=4)) >= VALIDATION for r in runs) else "loss"


def vocabulary(config: Mapping[str, Any]) -> tuple:
    """What a configuration says of the tokenizer."""
    rows = flat(config)
    return tuple(sorted((key.split(".")[-1], repr(v)) for key, v in rows.items() if key.split(".")[-1] in VOCABULARY))


def per_byte(runs: Sequence[Run], signal: str) -> tuple[list[float], str]:
    """What to multiply each run's losses by, and the unit that makes; 1 and "" where all share a tokenizer.

    Bits per byte = nats per token / (ln 2 * bytes per token). Raises ValueError where it takes that and cannot be had.
    """
    kinds = [vocabulary(run.config) for run in runs]
    if "loss" not in signal or all(kind == kinds[0] for kind in kinds):
        return [1.0] * len(runs), ""
    found = [next((v for k, v in flat(run.config).items() if k.split(".")[-1] == BYTES), None) for run in runs]
    for run, value in zip(runs, found, strict=True):
        if not isinstance(value, (int, float)) or not value > 0:
            raise ValueError(
                "these runs have different tokenizers, so a loss per token of one is not that of another: expected "
                f"{BYTES} in the configuration of {run.name[:60]!r}, to compare bits per byte"
            )
    return [1 / (np.log(2) * value) for value in found], "bits per byte"


def seeds_of(store: Store, runs: Sequence[Run], signal: str) -> Seeds | None:
    """The noise from seed to seed, from all finished runs of these projects that are equal but for the seed."""
    projects, groups = {run.project for run in runs}, {}
    for run in store.runs():
        if run.project in projects and run.state == "finished" and run.config:
            groups.setdefault((but_for_seed(run.config), run.last_step), []).append(run)
    ends = [[final(store, run, signal) for run in group] for group in groups.values() if len(group) > 1]
    return seed_noise([[end for end in group if end is not None] for group in ends])


def verdict(found: Comparison, one: Line) -> str:
    """What the difference of a run to the reference comes to."""
    if one.difference is None:
        return ""
    if one.difference.verdict == SAME or found.better == "neither":
        return one.difference.verdict
    return "better" if one.difference.verdict == found.better else "worse"


def span(found: Interval | None, scale: float = 1.0) -> str:
    """An estimate with its 90 % interval, short."""
    if found is None or not found.reachable:
        return "–"
    return found.map(lambda value: value * scale).text(beyond="?")


def _curve(store: Store, run: Run, signal: str, factor: float) -> tuple[np.ndarray, np.ndarray]:
    points = store.series(run.id, signal)
    return points.steps, points.values * factor


def _end(curve: tuple[np.ndarray, np.ndarray], last: int | None) -> Ending | None:
    try:
        return ending(*curve, last=last)
    except ValueError:
        return None


def _line(store, run, held, curves, seeds, last, means, goal, sign) -> Line:
    steps, values = curves[run.id]
    end = _end(curves[run.id], last)
    bad = int(np.count_nonzero(~np.isfinite(values)))
    if end is None:
        return Line(run, bad=bad, said="recorded no finite value of this signal")
    said, against, to, ratio = "", None, None, None
    if run.id != held.id and _end(curves[held.id], last) is not None:
        against = difference(curves[run.id], curves[held.id], seeds, last=last)
        if sign < 0:
            turned = {"lower": "higher", "higher": "lower"}.get(against.verdict, against.verdict)
            against = Difference(-against.value, turned)
    try:
        if goal is not None:
            to = reach(means(run.id), goal)
            ratio = speedup(means(run.id), means(held.id), goal) if run.id != held.id else None
    except StoreError as error:
        said = str(error)
    best = values[np.isfinite(values)].min() if last is not None else None
    value = Ending(sign * end.value, end.error, end.first, end.n)
    best = None if best is None else float(sign * best)
    return Line(run, value, best, against, to, ratio, _lr_left(store, run), bad, said)


def _lr_left(store: Store, run: Run) -> float | None:
    """The run's last learning rate over its largest."""
    found = store.signals(run.id).get("lr")
    points = store.buckets(run.id, "lr", found.parts[0], width=500) if found else ()
    if not len(points) or not np.nanmax(points.high) > 0:
        return None
    return float(points.mean[-1] / np.nanmax(points.high))


def _told(lines: Sequence[Line], seeds: Seeds | None, config: Mapping[str, list]) -> tuple[str, ...]:
    """What a reader must know before believing the table."""
    told = []
    undecayed = [line.run.name for line in lines if line.lr_left is not None and line.lr_left > FLAT]
    if undecayed and len(undecayed) < len(lines):
        names = ", ".join(name[:60] for name in undecayed[:4]) + (", ..." if len(undecayed) > 4 else "")
        told.append(
            f"Not decayed yet: {names}. Such a run looks worse than it is; compare what a decay now would give."
        )
    if seeds is None:
        told.append(
            "Seed noise is not known, as no two finished runs of the project differ in the seed alone: whether a "
            "difference would hold with other seeds is open."
        )
    else:
        told.append(f"Seed noise: a standard deviation of {seeds.sd:.2g}, from {seeds.dof} degrees of freedom.")
    if any(line.bad for line in lines):
        told.append(f"{sum(line.bad for line in lines):,} values are not finite; they count in no mean.")
    if len({line.run.last_step for line in lines}) > 1:
        told.append("The runs ended at different steps.")
    if len(config) > 1:
        told.append(f"The configurations differ in {len(config)} keys: what made the difference is not told by it.")
    return tuple(told)
