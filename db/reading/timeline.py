"""What happened to a run at a step: its events, its evaluations, and the learning rates planned on the way."""

from __future__ import annotations

import json

import numpy as np
from sqlalchemy import text

from ..records import Evaluation, Event, Plan
from ..tables.rows import rows
from .database import Snapshot


def events(snapshot: Snapshot, run: str) -> list[Event]:
    """The run's timeline in order of step."""
    sql = "SELECT step, kind, text, time, attempt, data FROM events WHERE run = :run ORDER BY id"
    stored = rows(snapshot.connection, sql, {"run": run})
    found = [Event(step, kind, words, when, at, json.loads(data)) for step, kind, words, when, at, data in stored]
    found += [Event(**note) for note in snapshot.unfolded.contents(run, "event")]
    return sorted(found, key=lambda event: (event.step, event.time))


def evaluations(snapshot: Snapshot, run: str) -> list[Evaluation]:
    """Every evaluation in order of step."""
    names = "step, task, metric, value, n, n_invalid, subset, weights, time, attempt"
    sql = text(f"SELECT {names} FROM evaluations WHERE run = :run")
    notes = [dict(row) for row in snapshot.connection.execute(sql, {"run": run}).mappings()]
    notes += snapshot.unfolded.contents(run, "evaluation")
    key = ("attempt", "step", "task", "metric", "subset", "weights")
    unique = {tuple(note[name] for name in key): note for note in notes}
    found = [Evaluation(**{**note, "value": float(note["value"])}) for note in unique.values()]
    return sorted(found, key=lambda one: (one.step, one.attempt, one.task, one.metric))


def plans(snapshot: Snapshot, run: str) -> list[Plan]:
    """The planned learning rates, newest last."""
    sql = "SELECT lr_group, made_at, origin, knots FROM plans WHERE run = :run ORDER BY id"
    found = [(*row[:3], json.loads(row[3])) for row in rows(snapshot.connection, sql, {"run": run})]
    notes = snapshot.unfolded.contents(run, "plan")
    found += [(note["lr_group"], note["made_at"], note["origin"], note["knots"]) for note in notes]
    out = []
    for group, made_at, origin, knots in found:
        table = np.array(knots, float).reshape(-1, 2)
        out.append(Plan(table[:, 0].astype(np.int64), table[:, 1], group, origin, made_at))
    return out
