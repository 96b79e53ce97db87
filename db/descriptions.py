"""What a run says of its signals, from the tables and from what is not folded yet."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, text

from ..known_series import known
from .journal.unfolded import Unfolded
from .records import Description

_FIELDS = {f.name for f in fields(Description)} - {"parts"}
_ROWS = "SELECT name, unit, sentence, better, axes, title, remedy FROM signals WHERE run = :run"


def described(connection: Connection, rest: Unfolded, run: str) -> dict[str, Description]:
    """Name -> description; what a note does not say stays as it was said before."""
    rows: list[dict[str, Any]] = [dict(row) for row in connection.execute(text(_ROWS), {"run": run}).mappings()]
    found: dict[str, Description] = {}
    for row in (
        *(row | {"axes": json.loads(row["axes"])} for row in rows),
        *(note for *_, note in rest.notes(run, "describe", "explain")),
    ):
        new = {k: tuple(v) if k == "axes" else v for k, v in row.items() if k in _FIELDS}
        found[row["name"]] = replace(found.get(row["name"], Description(row["name"])), **new)
    return found


def complete(description: Description, parts: tuple[tuple[str, ...], ...]) -> Description:
    """The description with its parts, and a title and a remedy even where the run gave none."""
    words = known(description.name)
    title, remedy = description.title or words.title, description.remedy or words.remedy
    return replace(description, parts=parts, title=title, remedy=remedy)
