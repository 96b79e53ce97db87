"""The runs of a store, each as its tables and its journals together describe it."""

from __future__ import annotations

import contextlib
import difflib
import json
import time
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ...errors import NoSuchRun
from ..places.process import SILENT_SECONDS
from ..records import Run
from ..series.lineage import last_step
from .database import Snapshot

_JSON = ("config", "provenance", "size", "tags")
_FIELDS = {field.name for field in fields(Run)}
Steps = dict[str, dict[int, int]]  # run -> attempt -> step


def runs(snapshot: Snapshot) -> list[Run]:
    """Every run, newest first."""
    found = snapshot.connection.execute(text("SELECT * FROM runs")).mappings()
    rows: dict[str, dict[str, Any]] = {row["id"]: dict(row) for row in found}
    for row in rows.values():
        for name in _JSON:
            row[name] = _decoded(row, name)
    for run, attempt, kind, note in snapshot.unfolded.notes(None, "run", "attempt", "update", "close"):
        _overlay(rows, run, attempt, kind, note)
    last, starts = _extents(snapshot)
    problems = snapshot.unfolded.problems
    for run, problem in problems.items():
        row = rows.setdefault(run, asdict(Run(run, run)))  # nothing else is known of it
        row["problem"] = problem
    out = [_resolved(row, snapshot, last.get(run, {}), starts.get(run, {})) for run, row in rows.items()]
    return sorted(out, key=lambda run: (run.started, run.id), reverse=True)


def choose(found: list[Run], name_or_id: str, path: Path) -> Run:
    """The run with this id, or the first of this name. NoSuchRun names close matches."""
    matching = [run for run in found if run.id == name_or_id] or [run for run in found if run.name == name_or_id]
    if matching:
        return matching[0]
    close = difflib.get_close_matches(name_or_id, [run.name for run in found] + [run.id for run in found], 3, 0.5)
    hint = f"did you mean {', '.join(close)}?" if close else "`barograph runs` lists what there is"
    raise NoSuchRun(f"no run {name_or_id[:80]!r} in {path}; {hint}")


def _overlay(rows: dict[str, dict[str, Any]], run: str, attempt: int, kind: str, note: dict[str, Any]) -> None:
    """Applies one unfolded note to the rows of the runs; as in the tables, a later attempt has the last word."""
    fresh = {name: value for name, value in note.items() if name in _FIELDS}
    if kind == "run":
        rows.setdefault(run, fresh)
    elif run in rows and rows[run]["attempt"] <= attempt:
        if kind == "attempt":
            fresh = {"attempt": attempt, "state": "running", "ended": None}
        elif kind == "close":
            fresh = {"state": note["state"], "ended": note["time"], "last_seen": note["time"]}
        rows[run].update(fresh)


def _decoded(row: dict[str, Any], name: str) -> Any:
    """A column of JSON; what was damaged is empty, and the run says so.

    A configuration that is a text or a list, as earlier versions have stored some, is kept under the name `config`.
    """
    expected = list if name == "tags" else dict
    with contextlib.suppress(ValueError, TypeError):
        value = json.loads(row[name])
        if name == "tags" and isinstance(value, list):
            return [str(tag) for tag in value]
        if name == "config" and isinstance(value, str | int | float | list):
            return {"config": value}
        if isinstance(value, expected):
            return value
    row["problem"] = f"its {name} cannot be read; the rest is as it was"
    return expected()


def _extents(snapshot: Snapshot) -> tuple[Steps, Steps]:
    """Of every run's attempts: the last step with a point, and the step from which it goes on."""
    connection, unfolded = snapshot
    last: Steps = {}
    sql = "SELECT run, attempt, max(last_step) FROM series WHERE last_step IS NOT NULL GROUP BY run, attempt"
    for run, attempt, step in (*connection.execute(text(sql)), *unfolded.last_steps()):
        known = last.setdefault(run, {})
        known[attempt] = max(step, known.get(attempt, step))
    starts: Steps = {}
    rows = connection.execute(text("SELECT run, number, from_step FROM attempts"))
    notes = [(run, number, note["from_step"]) for run, number, _, note in unfolded.notes(None, "attempt")]
    for run, number, step in (*rows, *notes):
        starts.setdefault(run, {})[number] = step
    return last, starts


def _resolved(row: dict[str, Any], snapshot: Snapshot, last: dict[int, int], starts: dict[int, int]) -> Run:
    known = {name: value for name, value in row.items() if name in _FIELDS}
    run = Run(**known | {"tags": tuple(row["tags"]), "last_step": last_step(starts, last)})
    if run.state == "running":
        touched = snapshot.unfolded.live(run.id) or _followed(run)
        ended = "stopped" if "imported_from" in run.provenance else snapshot.unfolded.died_as(run.id)
        run = replace(run, state="running" if touched else ended, last_seen=max(run.last_seen, touched or 0))
    return run


def _followed(run: Run) -> float | None:
    """When the log behind an imported run was last seen growing; None once it has been still for too long."""
    lately = time.time() - run.last_seen < SILENT_SECONDS
    return run.last_seen if lately and "imported_from" in run.provenance else None
