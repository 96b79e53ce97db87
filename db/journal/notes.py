"""Records as the notes of a journal, where the record and the note differ."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..records import Description, Plan


def description_notes(description: Description) -> dict[str, Any]:
    """A description as notes by kind, without its parts: those are the series themselves, in order of first points.

    Title and remedy go apart: an older reader takes no new fields of `describe`.
    """
    entry = asdict(description)
    del entry["parts"]
    explained = {"name": entry["name"], "title": entry.pop("title"), "remedy": entry.pop("remedy")}
    return {"describe": entry, "explain": explained}


def plan_note(plan: Plan) -> dict[str, Any]:
    """A plan with its knots as [[step, learning rate], ...]."""
    knots = [[int(step), float(value)] for step, value in zip(plan.steps, plan.values, strict=True)]
    return {"lr_group": plan.group, "made_at": plan.made_at, "origin": plan.origin, "knots": knots}
