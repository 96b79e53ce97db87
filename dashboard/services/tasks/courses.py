"""How the tasks of a run go over its steps: a course each, a map of all, and the names of their visits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ....db import Store
from ....formatting import short
from ...analysis.measures._support.tasks import Visit
from ..frames import View, place
from ..heat_maps import Map
from .record import label

ROWS = 24_000  # that are read for the charts, over all tasks
CELLS = 16_000  # of the map of tasks over time
LINES = 12  # tasks that are drawn as lines


def courses(store: Store, view: View, signal: str, order: Sequence[str]) -> pd.DataFrame:
    """Every task's course in the order of learning: step, value, mean, part, order; all points, or two for each bucket.

    Those two are its extremes, at the steps at which they were measured, so that no dip is lost or moved by thinning;
    `mean` is the bucket's.
    """
    parts = store.signals(view.run)[signal].parts
    width = int(np.clip(ROWS // max(1, len(parts)) // 2, 16, 400))
    rank = {name: at for at, name in enumerate(dict.fromkeys([*order, *map(label, parts)]), 1)}
    names = sorted(map(label, parts), key=lambda name: rank[name])
    of = {label(part): part for part in parts}
    columns: dict[str, list] = {"step": [], "value": [], "mean": [], "order": []}
    for name in names:
        found = store.buckets(view.run, signal, of[name], lo=view.lo, hi=view.hi, width=width)
        steps = np.stack([found.low_at, found.high_at], 1).ravel()
        values, mean = np.stack([found.low, found.high], 1).ravel(), np.repeat(found.mean, 2)
        kept = np.flatnonzero(np.isfinite(values))
        steps, first = np.unique(steps[kept], return_index=True)
        rows = steps, values[kept][first], mean[kept][first], np.full(len(steps), rank[name])
        for column, row in zip(columns.values(), rows, strict=True):
            column.append(row)
    frame = pd.DataFrame({name: np.concatenate(column) if column else [] for name, column in columns.items()})
    frame["part"] = frame["order"].map({rank[name]: name for name in names})
    return frame.assign(x=place(store, view, frame["step"].to_numpy()) if len(frame) else [])


def spread(names: Sequence[str], most: int = LINES) -> list[str]:
    """Some of the tasks, evenly over the order in which they were learned, the first and the last among them."""
    return [names[at] for at in np.unique(np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int))]


def matrix(store: Store, view: View, drawn: pd.DataFrame, last: int) -> Map:
    """Tasks by time for `charts.heat`: each cell has the points of `courses` in it; an empty one what was known before.

    Blank where a task was not evaluated yet.
    """
    lo, hi = view.lo or 0, max(view.hi if view.hi is not None else last, (view.lo or 0) + 1)
    wide = int(np.clip(CELLS // max(1, drawn["order"].nunique()), 60, 160))
    edges = np.unique(np.linspace(lo, hi + 1, wide + 1).astype(np.int64))
    columns = len(edges) - 1
    column = np.clip(np.searchsorted(edges, drawn["step"], side="right") - 1, 0, columns - 1)
    names, row = np.unique(drawn["order"], return_inverse=True)
    label_of = dict(zip(drawn["order"], drawn["part"], strict=True))
    cell, value = row * columns + column, drawn["value"].to_numpy()
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    held = cell[starts]  # the cells that have points; each is drawn up to the next one of its row
    known = np.full(len(names) * columns, -1)
    known[held] = np.arange(len(held))
    known = np.maximum.accumulate(known.reshape(len(names), columns), axis=1).ravel() if len(held) else known
    drawn_cells = np.flatnonzero(known >= 0)
    of, row, at = known[drawn_cells], drawn_cells // columns, drawn_cells % columns
    count = np.diff(starts, append=len(value))
    found = {"low": (np.minimum, value), "high": (np.maximum, value), "mean": (np.add, drawn["mean"].to_numpy())}
    found = {name: one.reduceat(of_them, starts)[of] if len(of) else [] for name, (one, of_them) in found.items()}
    x = place(store, view, edges)
    frame = pd.DataFrame({"part": [label_of[names[r]] for r in row], **found})
    frame["mean"] = frame["mean"] / count[of] if len(of) else []
    frame = frame.assign(from_x=x[at], to_x=x[at + 1], from_step=edges[at], to_step=edges[at + 1] - 1)
    rows: dict[str, list[tuple[str, ...]]] = {label_of[name]: [] for name in names}
    return Map(frame.assign(shade=frame["mean"]), rows, False, "high")


def tags(store: Store, view: View, found: Sequence[Visit], last: int) -> pd.DataFrame:
    """The names of the tasks where their visits begin, those in sight and at most a dozen."""
    lo, hi = view.lo or 0, view.hi if view.hi is not None else last
    inside = [visit for visit in found if visit.start < hi and (visit.end is None or visit.end > lo)]
    inside = inside if len(inside) <= LINES else []
    steps = np.array([max(visit.start, lo) for visit in inside], float)
    x = place(store, view, steps) if inside else np.empty(0)
    return pd.DataFrame({"x": x, "name": [short(visit.task, 18) for visit in inside]})
