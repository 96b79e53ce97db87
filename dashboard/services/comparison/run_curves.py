"""Curves of several runs on one axis, as the frames that the charts of a comparison draw; no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ....db import Run, Store
from ....formatting import number, short
from ...analysis.statistics.binned import Binned, binned
from ...analysis.statistics.configs import ABSENT, flat
from ..close_up import NO_MARKS, labelled, outside
from ..frames import View, alone, clock, place

BINS = 150  # of a difference, and of a group's mean
Z90 = 1.645
BEGIN = 0.05  # of a curve: the steep beginning


def names(runs: Sequence[Run]) -> dict[str, str]:
    """What each run is called in a chart, by id: its name, with a number where two share it."""
    found: dict[str, str] = {}
    for run in runs:
        name, more = short(run.name, 60), 2
        while name in found.values():
            name, more = f"{short(run.name, 56)} ({more})", more + 1
        found[run.id] = name
    return found


def groups(runs: Sequence[Run], key: str) -> dict[str, str]:
    """The value that each run's configuration has for a key, as text, by id; "group" is also what a user named."""

    def value(run: Run) -> object:
        named = run.group if key == "group" else ""
        return named or flat(run.config).get(key, ABSENT)

    return {run.id: short(str(value(run)), 60) for run in runs}


def curves(
    line: Callable[[View, str], dict[str, pd.DataFrame]], view: View, labels: Mapping[str, str], signal: str
) -> dict[str, pd.DataFrame]:
    """One series a run, in long form: as `frames.several`, with the run's label as `part`."""
    found = [(line(replace(view, run=run), signal), label) for run, label in labels.items()]
    kept = [frames[""].assign(part=label) for frames, label in found]
    marks = [frames[".bad"] for frames, _ in found]
    return {"": pd.concat(kept, ignore_index=True), ".bad": pd.concat(marks, ignore_index=True)}


def gaps(store: Store, view: View, labels: Mapping[str, str], reference: str, signal: str) -> dict[str, pd.DataFrame]:
    """Each run's mean minus the reference's, on common bins of the axis, with a 90 % band of both means' errors."""
    points = {run: _points(store, replace(view, run=run), signal) for run in labels}
    held, tables = points[reference], [_table(view, [], [], [], [])]
    reached: dict[tuple, Binned] = {}  # the reference over the bins that it shares with others
    for run, label in labels.items():
        if run == reference or not (len(points[run][0]) and len(held[0])):
            continue
        (x, values), (other_x, other) = points[run], held
        low, high = max(x[0], other_x[0]), min(x[-1], other_x[-1])
        if not low < high:
            continue
        edges = np.linspace(low, np.nextafter(high, np.inf), BINS + 1)
        if (low, high) not in reached:
            reached[low, high] = binned(other_x, other, edges)
        a, b = binned(x, values, edges), reached[low, high]
        at, in_a, in_b = np.intersect1d(_bin(a, edges), _bin(b, edges), return_indices=True)
        if len(at):
            gap, half = a.mean[in_a] - b.mean[in_b], Z90 * np.hypot(a.error[in_a], b.error[in_b])
            tables.append(_table(view, a.x[in_a], gap, gap - half, gap + half).assign(part=label))
    return {"": pd.concat(tables, ignore_index=True), ".bad": pd.DataFrame({"bad_x": []})}


def spread(store: Store, view: View, kinds: Mapping[str, str], signal: str) -> dict[str, pd.DataFrame]:
    """The mean over the runs of each group on common bins of the axis; low and high are a standard deviation away.

    A bin counts where all runs of the group have points, so that a run that ends early bends no mean.
    """
    tables = [_table(view, [], [], [], [])]
    by_group: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for run, kind in kinds.items():
        by_group.setdefault(kind, []).append(_points(store, replace(view, run=run), signal))
    for kind, points in by_group.items():
        points = [(x, values) for x, values in points if len(x)]
        if not points:
            continue
        low, high = max(x[0] for x, _ in points), min(x[-1] for x, _ in points)
        if not low < high:
            continue
        edges = np.linspace(low, np.nextafter(high, np.inf), BINS + 1)
        table = np.full((len(points), BINS), np.nan)
        for row, (x, values) in enumerate(points):
            found = binned(x, values, edges)
            table[row, _bin(found, edges)] = found.mean
        whole = np.isfinite(table).all(0)
        middle = (edges[:-1] + edges[1:])[whole] / 2
        mean = table[:, whole].mean(0)
        sd = table[:, whole].std(0, ddof=1) if len(points) > 1 else np.zeros(len(mean))
        label = f"{kind} ({len(points)} run{'s' * (len(points) > 1)})"
        tables.append(_table(view, middle, mean, mean - sd, mean + sd).assign(part=label))
    return {"": pd.concat(tables, ignore_index=True), ".bad": pd.DataFrame({"bad_x": []})}


def close_up(curves: pd.DataFrame) -> tuple[tuple[float, float] | None, str, pd.DataFrame]:
    """A range of y for the curves behind their first twentieth, that in words, and marks of what lies outside.

    Each curve has a twentieth of its own, so that a short run is not taken for the beginning of a long one.
    """
    kinds = dict(list(curves.groupby("part", sort=False)))
    late = [one.loc[one["x"] >= one["x"].min() + BEGIN * np.ptp(one["x"]), "smooth"].dropna() for one in kinds.values()]
    later = pd.concat(late) if late else pd.Series(dtype=float)
    if not len(later) or not later.max() > later.min():
        return None, "", NO_MARKS
    room = 0.15 * (later.max() - later.min())
    low, high = float(later.min() - room), float(later.max() + room)
    if curves["high"].max() <= high + room and curves["low"].min() >= low - room:
        return None, "", NO_MARKS
    marks = [
        outside(one, column, limit, edge, part=str(part))
        for part, one in kinds.items()
        for column, limit, edge in (("high", high, "top"), ("low", low, "bottom"))
    ]
    words = f" · y-axis cut at {number(low)} and {number(high)}: what lies outside is marked at the edge"
    return (low, high), words, labelled(marks, float(np.ptp(curves["x"])))


def _points(store: Store, view: View, signal: str) -> tuple[np.ndarray, np.ndarray]:
    found = store.series(view.run, signal, lo=view.lo, hi=view.hi)
    return (place(store, view, found.steps), found.values) if len(found) else (np.empty(0), np.empty(0))


def _bin(found: Binned, edges: np.ndarray) -> np.ndarray:
    return np.searchsorted(edges, found.x, side="right") - 1


def _table(view: View, x, mean, low, high) -> pd.DataFrame:
    frame = pd.DataFrame({"x": x, "mean": mean, "low": low, "high": high, "smooth": mean}, dtype=float)
    frame["step"], frame["alone"] = frame["x"], alone(frame["mean"])
    if view.axis == "time":
        frame["at"] = [clock(value) for value in frame["x"]]
    return frame[frame["x"] > 0] if view.log_x else frame
