"""What is known of a run beside its points: JSON objects that go along when it leaves for a file, and come back.

Each is one of {"run"}, {"columns": {column: [signal, *part], or null}}, {"describe"}, {"attempt"}, {"event"},
{"evaluation"} and {"plan"}, as in a journal. A file is input from outside: what does not fit is passed over.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...keys import SeriesKey
from ..records import STATES, Attempt, Description, Evaluation, Event, Plan, Run

if TYPE_CHECKING:
    from ..store import Store

MARK = "barograph"  # by which each format knows them
_OWN = ("id", "attempt", "last_step")  # told anew by the store that takes the run in
_MOST = 64 << 20  # bytes of notes beside a file
_COLUMNS = 1000  # in one note
_LARGEST = 2**62  # of a whole number


def notes(store: Store, run: Run, columns: Mapping[str, SeriesKey | None]) -> Iterator[dict[str, Any]]:
    """Everything about a run but its points; `columns` says which series stands where."""
    provenance = run.provenance | {"exported_from": run.id}
    yield {"run": {k: v for k, v in asdict(run).items() if k not in _OWN} | {"provenance": provenance}}
    keyed = [(name, [key] if isinstance(key, str) else key) for name, key in columns.items()]
    for at in range(0, len(keyed), _COLUMNS):
        yield {"columns": dict(keyed[at : at + _COLUMNS])}
    for description in store.signals(run.id).values():
        yield {"describe": {k: v for k, v in asdict(description).items() if k != "parts"}}
    for attempt in store.attempts(run.id):
        yield {"attempt": asdict(attempt)}
    for event in store.events(run.id):
        if event.kind != "import":  # it speaks of another file
            yield {"event": asdict(event)}
    for evaluation in store.evaluations(run.id):
        yield {"evaluation": asdict(evaluation) | {"value": repr(evaluation.value)}}
    for plan in store.plans(run.id):
        knots = [[int(step), float(value)] for step, value in zip(plan.steps, plan.values, strict=True)]
        yield {"plan": {"group": plan.group, "origin": plan.origin, "made_at": plan.made_at, "knots": knots}}


@dataclass
class Notes:
    """What a file has said of its run so far."""

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
        for kind, said in note.items() if isinstance(note, dict) else ():
            if not isinstance(said, dict):
                continue
            if kind == "run":
                self.run |= {k: v for k, v in _fitting(Run, said).items() if k not in _OWN}
                if self.run.get("state") not in STATES[1:]:  # nobody writes to a file's run any more
                    self.run["state"] = "stopped"
            elif kind == "columns":
                self.columns |= {name: key for name, parts in said.items() if (key := _key(parts)) is not False}
            elif kind == "describe" and (described := _made(Description, said)):
                self.descriptions[described.name] = described
            elif kind == "attempt" and (attempt := _made(Attempt, said)):
                self.attempts = sorted([*self.attempts, attempt], key=lambda one: one.number)
            elif kind == "event" and (event := _made(Event, said)):
                self.events.append(event)
            elif kind == "evaluation" and (evaluation := _evaluation(said)):
                self.evaluations.append(evaluation)
            elif kind == "plan" and (plan := _plan(said)):
                self.plans.append(plan)


def beside(path: Path) -> Path:
    """The file with the notes on a file that has no place for them."""
    return path.with_name(f"{path.name}.{MARK}")


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


def _fitting(kind: type, said: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record that JSON gives with values of the right type."""
    found = {}
    for one in fields(kind):
        value, want = said.get(one.name), str(one.type)
        if one.name in said and _fits(value, want):
            found[one.name] = tuple(value) if want.startswith("tuple") else value
    return found


def _made(kind: type, said: dict[str, Any]) -> Any:
    try:
        return kind(**_fitting(kind, said))
    except TypeError:  # a field that it cannot do without is missing
        return None


def _fits(value: Any, want: str) -> bool:
    if want.endswith(" | None"):
        return value is None or _fits(value, want.removesuffix(" | None"))
    if want == "str":
        return isinstance(value, str)
    if want == "int":
        return type(value) is int and abs(value) < _LARGEST
    if want == "float":
        return _fits(value, "int") or (type(value) is float and math.isfinite(value))
    if want == "tuple[str, ...]":
        return isinstance(value, list) and all(isinstance(word, str) for word in value)
    if want == "dict[str, int]":
        return isinstance(value, dict) and all(_fits(number, "int") for number in value.values())
    return want == "dict[str, Any]" and isinstance(value, dict)


def _key(parts: Any) -> SeriesKey | None | bool:
    """A series' key; None: the column repeats what notes say; False: no key at all."""
    if parts is None:
        return None
    if not isinstance(parts, list) or not parts or not _fits(parts, "tuple[str, ...]"):
        return False
    return tuple(parts) if len(parts) > 1 else parts[0]


def _evaluation(said: dict[str, Any]) -> Evaluation | None:
    try:
        value = float(said.get("value", ""))  # as text: JSON has no NaN
    except (TypeError, ValueError):
        return None
    made = _made(Evaluation, {**said, "value": 0.0})
    return made and replace(made, value=value)


def _plan(said: dict[str, Any]) -> Plan | None:
    try:
        table = np.array(said.get("knots"), float).reshape(-1, 2)
        words = {"group": str(said["group"]), "origin": str(said["origin"]), "made_at": int(said["made_at"])}
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
    if not len(table) or not np.isfinite(table).all() or abs(table[:, 0]).max() > 2**53 or not -1 < words["made_at"]:
        return None
    return Plan(table[:, 0].astype(np.int64), table[:, 1], **words) if words["made_at"] < _LARGEST else None
