"""What the Tasks page shows: the gap after a boundary as frames and a headline, and measures as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ....db.records import Description
from ....formatting import number, short
from ...analysis.measures._support.result import Measure, MeasureResult
from ...analysis.measures._support.tasks import Evaluations, Visit
from ...analysis.measures.stability_gap import Gap, gaps
from ...services.tasks.courses import LINES
from ...services.tasks.methods import FIRST
from ...services.tasks.record import COUNTS, PREFIX

AROUND = 100  # steps after a boundary that are drawn large
BEFORE = 20  # and before it
TABLED = 24  # tasks in the table of a gap


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
    lows = [{"x": r.lowest_at - visit.start, "value": r.lowest, "part": r.task, "note": _lost(r)} for r in shown]
    backs = [
        {"x": r.lowest_at + r.recovery - visit.start, "value": r.after, "part": r.task, "note": _back(r)}
        for r in shown
        if np.isfinite(r.recovery) and r.recovery > 0
    ]
    columns = ["x", "value", "part", "note"]
    frames = {
        "low": pd.DataFrame(lows, columns=columns),
        "back": pd.DataFrame(backs, columns=columns),
    }
    return rows, {"": lines, **{f".{name}": frame[frame["x"] <= AROUND] for name, frame in frames.items()}}


def _deepest(near: Evaluations, visit: Visit) -> Evaluations:
    """The tasks that fall most at a boundary: the noise of a gap is resampled, which is slow for hundreds."""
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
