"""Adds whole series to a run, as importers and scripts have them: no journal, one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from ..keys import SeriesKey
from .journal.fold import take_note, write_points
from .journal.notes import description_notes, plan_note
from .masking import masked_fields, rule_of
from .records import Attempt, Description, Evaluation, Event, Plan, Run
from .series import pyramid
from .series.keys import storable
from .tables.engine import path_of


def append(
    connection: Connection,
    run: Run,
    points: Mapping[SeriesKey, tuple[np.ndarray, np.ndarray]],
    from_step: int,
    descriptions: Iterable[Description],
    events: Iterable[Event],
    evaluations: Iterable[Evaluation],
    plans: Iterable[Plan],
    attempts: Iterable[Attempt],
) -> None:
    """Writes what is new of a run; what is there already is replaced by itself."""
    number, rule = run.attempt, rule_of(path_of(connection.engine))
    record = masked_fields("run", asdict(run), rule)
    take_note(connection, run.id, number, {"run": record})
    for attempt in attempts:
        take_note(connection, run.id, number, {"attempt": asdict(attempt)})
    began: dict[str, Any] = {"number": number, "from_step": from_step, "started": run.started}
    began |= {"state": run.state, "ended": run.ended}
    take_note(connection, run.id, number, {"attempt": began})
    end = {name: getattr(run, name) for name in ("state", "ended", "last_seen", "steps_planned")}
    end |= {name: value for name in ("project", "started") if (value := record[name])} | {"config": record["config"]}
    take_note(connection, run.id, number, {"update": end})
    for description in descriptions:
        take_note(connection, run.id, number, description_notes(description))
    merged = {}
    for key, (steps, values) in points.items():
        merged[number, key] = pyramid.merge(np.asarray(steps, np.int64), np.asarray(values, float))
    write_points(connection, run.id, merged)
    for event in events:
        entry = masked_fields("event", asdict(replace(event, time=event.time or run.started)), rule)
        same = "run = :run AND attempt = :attempt AND step = :step AND kind = :kind AND text = :text"
        if event.kind == "import":  # how the log was last read, in place of the time before
            same = "run = :run AND kind = :kind"
        connection.execute(text(f"DELETE FROM events WHERE {same}"), _columns(entry, run.id))
        take_note(connection, run.id, number, {"event": entry})
    for evaluation in evaluations:
        take_note(connection, run.id, number, {"evaluation": asdict(evaluation)})
    for plan in plans:
        entry = plan_note(plan)
        same = "run = :run AND lr_group = :lr_group AND made_at = :made_at AND origin = :origin"
        connection.execute(text(f"DELETE FROM plans WHERE {same}"), _columns(entry, run.id))
        take_note(connection, run.id, number, {"plan": entry})


def _columns(entry: dict[str, Any], run: str) -> dict[str, Any]:
    """The columns by which an event or a plan is found again."""
    known = {name: value for name, value in entry.items() if name not in ("data", "knots")}
    return {name: storable(value) if isinstance(value, str) else value for name, value in known.items()} | {"run": run}
