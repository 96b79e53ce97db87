"""The evaluations of a run's tasks as the store holds them: visits of tasks, and the record that measures take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ....db import Store
from ....db.records import Event, Series
from ....db.series.lineage import Piece
from ....formatting import short
from ...analysis.measures._support.result import Measure, MeasureResult
from ...analysis.measures._support.tasks import Evaluations, Visit

PREFIX, LOSS = "eval_", "eval_loss"
ALSO = LOSS, "eval_gold"  # what measures can use beside the accuracy
COUNTS = "eval_n", "eval_n_invalid"
MOST = 2_000_000  # evaluations that measures are computed from


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


def boundaries(found: Sequence[Visit]) -> list[Visit]:
    """The visits that begin after another task was learned: where a stability gap can be."""
    return [visit for at, visit in enumerate(found) if any(one.task != visit.task for one in found[:at])]


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
    n, n_invalid = (whole[name].to_numpy() if name in whole else None for name in COUNTS)
    events = store.events(run)
    kept = visits(events, store.lineage(run))
    made = Evaluations.of(
        whole["step"].to_numpy(), whole["task"].to_numpy(), whole["value"].to_numpy(), n=n, n_invalid=n_invalid,
        visits=kept,
        also={name.removeprefix(PREFIX): whole[name].to_numpy() for name in ALSO if name in whole},
        fixed=any(event.kind == "evaluator" for event in events),
    )  # fmt: skip
    if every == 1:
        return made
    note = f"computed from every {every}th evaluation of each task; those between are left out"
    return replace(made, notes=(note, *made.notes))


def _matched(steps: np.ndarray, found: Series) -> np.ndarray:
    at = np.searchsorted(found.steps, steps).clip(max=max(len(found.steps) - 1, 0))
    if not len(found.steps):
        return np.full(len(steps), np.nan)
    return np.where(found.steps[at] == steps, found.values[at], np.nan)


def window(store: Store, run: str, signal: str, found: Sequence[Visit], visit: Visit) -> Evaluations | None:
    """The evaluations from the visit before a boundary to the end of the visit behind it."""
    before = found[list(found).index(visit) - 1]
    return record(store, run, signal, before.start + 1, visit.end)


def results(record: Evaluations, known: Mapping[str, Measure]) -> dict[str, MeasureResult]:
    """Every measure of a record."""
    return {name: measure(record) for name, measure in known.items()}
