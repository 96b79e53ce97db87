"""What a run's signals mean, from the tables and from what is not folded yet."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import text

from ...errors import NotRecorded
from ...keys import part_of, signal_of
from ...known_series import known
from ..records import Description
from .database import Snapshot
from .points import series_keys

_FIELDS = {field.name for field in fields(Description)} - {"parts"}
_ROWS = "SELECT name, unit, sentence, better, axes, title, remedy FROM signals WHERE run = :run"


def descriptions(snapshot: Snapshot, run: str) -> dict[str, Description]:
    """Every signal of the run by name: first what it recorded, in the order of the first points, then what it did not.

    A title and a remedy stand even where the run gave none.
    """
    parts: dict[str, list[tuple[str, ...]]] = {}
    for key in series_keys(snapshot, run):
        parts.setdefault(signal_of(key), []).append(part_of(key))
    found = _described(snapshot, run)
    return {
        name: _complete(found.get(name, Description(name)), tuple(parts.get(name, ())))
        for name in dict.fromkeys((*parts, *found))
    }


def recorded(found: Mapping[str, Description], wanted: Collection[str], run: str) -> Collection[str]:
    """The wanted signals (none named: all) of a run called `run`; NotRecorded where it does not have one of them."""
    for name in wanted:
        if name not in found:
            raise NotRecorded(f"run {run} did not record {name!r}; it has {', '.join(sorted(found)) or 'nothing yet'}")
    return wanted or found.keys()


def _described(snapshot: Snapshot, run: str) -> dict[str, Description]:
    """Name -> description; what a note leaves out stays as it was."""
    rows: list[dict[str, Any]] = [
        dict(row) | {"axes": json.loads(row["axes"])}
        for row in snapshot.connection.execute(text(_ROWS), {"run": run}).mappings()
    ]
    found: dict[str, Description] = {}
    for row in (*rows, *(note for *_, note in snapshot.unfolded.notes(run, "describe", "explain"))):
        new: dict[str, Any] = {
            name: tuple(value) if name == "axes" else value for name, value in row.items() if name in _FIELDS
        }
        found[row["name"]] = replace(found.get(row["name"], Description(row["name"])), **new)
    return found


def _complete(description: Description, parts: tuple[tuple[str, ...], ...]) -> Description:
    words = known(description.name)
    title, remedy = description.title or words.title, description.remedy or words.remedy
    return replace(description, parts=parts, title=title, remedy=remedy)
