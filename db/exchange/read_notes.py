"""Reads the notes that an export has put beside a run's points; what does not fit in input from outside is skipped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...keys import SeriesKey, series_key
from ..records import STATES, Attempt, Description, Evaluation, Event, Plan, Run
from .checked import LARGEST, fitting, made
from .notes import MARK, OWN, beside

_MOST = 64 << 20  # bytes of notes beside a file


@dataclass
class Notes:
    """What a file's notes contain so far."""

    run: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, SeriesKey | None] = field(default_factory=dict)
    descriptions: dict[str, Description] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)

    def take(self, found: Any) -> None:
        """Takes one note in, or passes it over."""
        note = found.get(MARK) if isinstance(found, dict) else None
        for kind, content in note.items() if isinstance(note, dict) else ():
            if not isinstance(content, dict):
                continue
            if kind == "run":
                self.run |= {k: v for k, v in fitting(Run, content).items() if k not in OWN}
                if self.run.get("state") not in STATES[1:]:  # nobody writes to a file's run any more
                    self.run["state"] = "stopped"
            elif kind == "columns":
                self.columns |= {name: _key(parts) for name, parts in content.items() if parts is None or _key(parts)}
            elif kind == "describe" and (described := made(Description, content)):
                self.descriptions[described.name] = described
            elif kind == "attempt" and (attempt := made(Attempt, content)):
                self.attempts = sorted([*self.attempts, attempt], key=lambda one: one.number)
            elif kind == "event" and (event := made(Event, content)):
                self.events.append(event)
            elif kind == "evaluation" and (evaluation := _evaluation(content)):
                self.evaluations.append(evaluation)
            elif kind == "plan" and (plan := _plan(content)):
                self.plans.append(plan)


def read_beside(path: Path) -> list[Any]:
    """The notes in the file beside `path`, if there is one."""
    try:
        with open(beside(path), "rb") as file:
            return [note for line in file.read(_MOST).split(b"\n") if (note := parsed(line)) is not None]
    except OSError:
        return []


def parsed(text: str | bytes) -> Any:
    """The JSON value in a text, None where there is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _key(parts: Any) -> SeriesKey | None:
    """A series' key, None where there is none."""
    if not isinstance(parts, list) or not parts or not all(isinstance(word, str) for word in parts):
        return None
    return series_key(parts[0], tuple(parts[1:]))


def _evaluation(content: dict[str, Any]) -> Evaluation | None:
    try:
        value = float(content.get("value", ""))  # as text: JSON has no NaN
    except (TypeError, ValueError):
        return None
    found = made(Evaluation, {**content, "value": 0.0})
    return found and replace(found, value=value)


def _plan(content: dict[str, Any]) -> Plan | None:
    try:
        table = np.array(content.get("knots"), float).reshape(-1, 2)
        group, origin, made_at = str(content["group"]), str(content["origin"]), int(content["made_at"])
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
    if not len(table) or not np.isfinite(table).all() or abs(table[:, 0]).max() > 2**53:
        return None
    return Plan(table[:, 0].astype(np.int64), table[:, 1], group, origin, made_at) if -1 < made_at < LARGEST else None
