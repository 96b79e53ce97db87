"""What a run recorded of its tasks, as measures and charts want it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ....db import Store
from ....db.records import Description, Event, Series
from ....db.series.lineage import Piece
from ....formatting import number, short
from ...analysis.measures._support.result import Measure, MeasureResult
from ...analysis.measures._support.tasks import Evaluations, Visit
from ...analysis.measures.stability_gap import Gap, gaps
from ...services.frames import View, place
from ...services.heat_maps import Map

PREFIX, LOSS = "eval_", "eval_loss"
ALSO = LOSS, "eval_gold"  # what measures can use beside the accuracy
COUNTS = "eval_n", "eval_n_invalid"
ROWS = 24_000  # that are read for the charts, over all tasks
MOST = 2_000_000  # evaluations that measures are computed from
AROUND = 100  # steps after a boundary that are drawn large
BEFORE = 20  # and before it
CELLS = 16_000  # of the map of tasks over time
FIRST = (
    "acc", "forgetting", "forgetting_from_best", "bwt", "fwt", "learning_accuracy", "min_acc", "wc_acc", "wf10",
    "wf100", "wp10", "wp100", "gap_depth", "gap_transient", "gap_persistent", "gap_recovery",
)  # fmt: skip
TABLED = 24  # tasks in the table of a gap
LINES = 12  # tasks that are drawn as lines


def metrics(signals: Mapping[str, Description]) -> list[str]:
    """The series of evaluations that are shares: accuracies first."""
    found = [name for name in signals if name.startswith(PREFIX) and name not in COUNTS and "loss" not in name]
    return sorted(found, key=lambda name: (name != "eval_accuracy", signals[name].better != "higher", name))


def metric_name(signal: str) -> str:
    """A metric without its prefix.

    >>> metric_name("eval_exact_match")
    'exact match'
    """
    return signal.removeprefix(PREFIX).replace("_", " ")


def label(part: Sequence[str]) -> str:
    return short(" / ".join(part), 60)


def visits(events: Iterable[Event], line: Sequence[Piece]) -> tuple[Visit, ...]:
    """The visits of tasks on the surviving line of attempts; a task that a restart begins again goes on."""
    pieces = {piece.attempt: piece for piece in line}
    found: list[Visit] = []
    for event in sorted(events, key=lambda one: (one.step, one.time)):
        piece, side = pieces.get(event.attempt), event.data.get("boundary")
        if event.kind != "task" or side is None or piece is None or not piece.low <= event.step <= piece.high:
            continue
        name, now = str(event.data.get("task", event.text)), found[-1] if found and found[-1].end is None else None
        if side == "begin" and (now is None or now.task != name):
            if now is not None:
                found[-1] = replace(now, end=event.step)
            found.append(Visit(name, event.step))
        elif side == "end" and now is not None:
            found[-1] = replace(now, end=event.step)
    return tuple(visit for visit in found if visit.end != visit.start)


def record(
    store: Store, run: str, signal: str, lo: int | None = None, hi: int | None = None, most: int = MOST
) -> Evaluations | None:
    """The evaluations of a run between two steps, with counts and losses; None where there are none.

    Of more than `most` every k-th of each task is taken, and `notes` says so. Raises ValueError for what cannot be a
    share (see `Evaluations`).
    """
    signals, tables = store.signals(run), []
    if signal not in signals:
        return None
    ends = store.ends(run, frozenset([signal]))
    every = max(1, -(-sum(end.n for end in ends.values()) // most)) if lo is None and hi is None else 1
    for part in signals[signal].parts:
        found = store.series(run, signal, part, lo=lo, hi=hi)
        keep = slice((len(found.steps) - 1) % every if len(found.steps) else 0, None, every)
        columns = {"step": found.steps[keep], "value": found.values[keep]}
        for name in (*COUNTS, *ALSO):
            if part in getattr(signals.get(name), "parts", ()):
                columns[name] = _matched(columns["step"], store.series(run, name, part, lo=lo, hi=hi))
        tables.append(pd.DataFrame(columns).assign(task=label(part)))
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if whole.empty:
        return None
    counts = {name.removeprefix(PREFIX): whole[name].to_numpy() for name in COUNTS if name in whole}
    events = store.events(run)
    kept = visits(events, store.lineage(run))
    made = Evaluations.of(
        whole["step"].to_numpy(), whole["task"].to_numpy(), whole["value"].to_numpy(), **counts, visits=kept,
        also={name.removeprefix(PREFIX): whole[name].to_numpy() for name in ALSO if name in whole},
        fixed=any(event.kind == "evaluator" for event in events),
    )  # fmt: skip
    if every == 1:
        return made
    said = f"computed from every {every}th evaluation of each task, so that what lies between them is not seen"
    return replace(made, notes=(said, *made.notes))


def _matched(steps: np.ndarray, found: Series) -> np.ndarray:
    at = np.searchsorted(found.steps, steps).clip(max=max(len(found.steps) - 1, 0))
    if not len(found.steps):
        return np.full(len(steps), np.nan)
    return np.where(found.steps[at] == steps, found.values[at], np.nan)


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


def boundaries(found: Sequence[Visit]) -> list[Visit]:
    """The visits that begin after another task was learned: where a stability gap can be."""
    return [visit for at, visit in enumerate(found) if any(one.task != visit.task for one in found[:at])]


def window(store: Store, run: str, signal: str, found: Sequence[Visit], visit: Visit) -> Evaluations | None:
    """The evaluations from the visit before a boundary to the end of the visit behind it."""
    before = found[list(found).index(visit) - 1]
    return record(store, run, signal, before.start + 1, visit.end)


def gap(near: Evaluations, visit: Visit) -> tuple[list[Gap], dict[str, pd.DataFrame]]:
    """The gaps at a boundary, deepest first, and the frames of their close-up: steps are counted from the boundary."""
    rows = sorted((row for row in gaps(_deepest(near, visit)) if row.boundary == visit.start), key=lambda r: -r.depth)
    shown = rows[:LINES]
    tables = []
    for row in shown:
        part = near.curve(row.task).between(visit.start - BEFORE - 1, visit.start + AROUND)
        tables.append(pd.DataFrame({"x": part.step - visit.start, "value": part.value}).assign(part=row.task))
    empty = pd.DataFrame({"x": [], "value": [], "part": []})
    lines = pd.concat(tables, ignore_index=True) if tables else empty
    lows = [{"x": r.lowest_at - visit.start, "value": r.lowest, "part": r.task, "said": _lost(r)} for r in shown]
    backs = [
        {"x": r.lowest_at + r.recovery - visit.start, "value": r.after, "part": r.task, "said": _back(r)}
        for r in shown
        if np.isfinite(r.recovery) and r.recovery > 0
    ]
    columns = ["x", "value", "part", "said"]
    frames = {
        "low": pd.DataFrame(lows, columns=columns),
        "back": pd.DataFrame(backs, columns=columns),
    }
    return rows, {"": lines, **{f".{name}": frame[frame["x"] <= AROUND] for name, frame in frames.items()}}


def _deepest(near: Evaluations, visit: Visit) -> Evaluations:
    """The tasks that fall most at a boundary: the noise of a gap is resampled, which is dear for hundreds."""
    if len(near.names) <= TABLED:
        return near
    falls = []
    for name in near.names:
        curve = near.curve(name)
        before, after = curve.between(-1, visit.start).value, curve.between(visit.start, visit.end or near.now).value
        falls.append(before[-1] - after.min() if len(before) and len(after) else -np.inf)
    kept = np.sort(np.argsort(falls)[::-1][:TABLED])
    rows = np.isin(near.task, kept)
    columns = {name: getattr(near, name)[rows] for name in ("step", "value", "n", "n_invalid")}
    also = {name: column[rows] for name, column in near.also.items()}
    names = tuple(near.names[k] for k in kept)
    return replace(near, names=names, task=np.searchsorted(kept, near.task[rows]), also=also, **columns)


def _lost(row: Gap) -> str:
    return f"lowest: {number(row.lowest, 3)}, {number(row.depth, 3)} below {number(row.before, 3)}"


def _back(row: Gap) -> str:
    return f"back at {number(row.after, 3)} after {number(row.recovery)} steps"


def headline(row: Gap) -> str:
    """What the deepest of the gaps at a boundary says."""
    if row.depth <= 0:
        return "No earlier task falls"
    back = f", and is {_back(row)}" if np.isfinite(row.recovery) else ", and does not recover"
    return f"{short(row.task, 24)} falls by {number(row.depth, 3)} when {short(row.learning, 24)} begins{back}"


def gap_table(rows: Sequence[Gap]) -> pd.DataFrame:
    """One row a task at a boundary."""
    return pd.DataFrame(
        {
            "task": [row.task for row in rows],
            "before": [row.before for row in rows],
            "lowest": [row.lowest for row in rows],
            "steps to lowest": [row.lowest_at - row.boundary for row in rows],
            "depth": [row.depth for row in rows],
            "± error": [row.error for row in rows],
            "noise bias": [row.bias for row in rows],
            "steps to recover": [row.recovery for row in rows],
            "level after": [row.after for row in rows],
            "persistent": [row.persistent for row in rows],
        }
    )


def results(record: Evaluations, known: Mapping[str, Measure]) -> dict[str, MeasureResult]:
    """Every measure of a record."""
    return {name: measure(record) for name, measure in known.items()}


def table(found: Mapping[str, MeasureResult], known: Mapping[str, Measure]) -> tuple[pd.DataFrame, list[str]]:
    """What was measured, a row each, and sentences about what was not."""
    order = [name for name in FIRST if name in found] + [name for name in found if name not in FIRST]
    measured = [name for name in order if found[name].measured]
    frame = pd.DataFrame(
        {
            "measure": [known[name].title for name in measured],
            "value": [found[name].value for name in measured],
            "± error": [found[name].error for name in measured],
            "noise bias": [found[name].bias for name in measured],
            "evaluated every": [found[name].cadence for name in measured],
            "better": [known[name].better.replace("neither", "") for name in measured],
            "meaning": [
                known[name].sentence + (f" ({found[name].note})" if found[name].note else "") for name in measured
            ],
        }
    )
    missing = [f"{known[name].title}: {found[name].note}" for name in found if name not in measured]
    return frame, missing


def _meaning(measure: Measure, result: MeasureResult) -> str:
    return f"{measure.sentence} ({result.note})" if result.note else measure.sentence
