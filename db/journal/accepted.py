"""What of a note the tables and the records can hold; the rest is left out, and the timeline names it.

The rule holds where a note is written and where it is read: one odd note, from a newer writer or with a number
beyond 64 bits, costs itself and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from ..records import Attempt, Description, Evaluation, Event, Run

LEFT_OUT = "left out"
"""The kind of the event that names what was left out."""
LOST = "lost"
"""The kind of the event that names what a damaged file has cost."""

REQUIRED = object()


def _integer(value: Any) -> int:
    number = int(value)
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError
    return number


def _instance(*expected: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, expected):
            raise TypeError
        return value

    return check


_TYPES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "int": (_integer, "a whole number of at most 63 bits"),
    "float": (float, "a number"),
    "str": (str, "a text"),
    "dict": (_instance(dict), "an object"),
    "tuple": (_instance(list, tuple), "a list"),
    "list": (_instance(list, tuple), "a list"),
}
Fields = dict[str, tuple[str, Any]]  # name -> type as it is written, default


def _of(record: type, *without: str) -> Fields:
    """A record's fields."""
    found: Fields = {}
    for one in fields(record):
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        default = REQUIRED if default is MISSING else list(default) if isinstance(default, tuple) else default
        if one.name not in without:
            found[one.name] = str(one.type), default
    return found


_PARTIAL = ("describe", "update")  # what they leave out stays as it was
_KINDS: dict[str, Fields] = {
    "run": _of(Run, "problem"),
    "attempt": _of(Attempt),
    "late": {},
    "describe": _of(Description, "parts"),
    "explain": {"name": ("str", REQUIRED), "title": ("str", ""), "remedy": ("str", "")},
    "event": _of(Event),
    "evaluation": _of(Evaluation),
    "plan": {
        "lr_group": ("str", REQUIRED),
        "made_at": ("int", 0),
        "origin": ("str", ""),
        "knots": ("list[list[float]]", REQUIRED),
    },
    "update": {name: (written, None) for name, (written, _) in _of(Run, "id", "problem").items()},
    "close": {"state": ("str", REQUIRED), "time": ("float", REQUIRED)},
}


def accepted(entry: Any, attempt: int) -> list[dict[str, Any]]:
    """A note's content as it can be taken in, first, and an event for each thing of it that cannot.

    Unknown fields are passed over, as a newer writer may have them; unknown kinds stay, for whoever knows them.
    """
    if not isinstance(entry, Mapping):
        return [{}, _left_out(f"a note is no object: {_shown(entry)}", attempt, None)]
    kept: dict[str, Any] = {}
    events = []
    for kind, value in entry.items():
        if kind not in _KINDS:
            kept[kind] = value
        elif not isinstance(value, Mapping):
            events.append(_left_out(f"{kind}: {_shown(value)}, expected an object", attempt, None))
        else:
            fitting, wrong, missing = _fitting(_KINDS[kind], value, kind in _PARTIAL)
            events += [_left_out(f"{kind}: {sentence}", attempt, value) for sentence in wrong]
            if not missing:
                kept[kind] = fitting
            elif not wrong:
                events.append(_left_out(f"{kind}: without {', '.join(missing)}", attempt, value))
    return [kept, *events]


def _fitting(known: Fields, value: Mapping[str, Any], partial: bool) -> tuple[dict[str, Any], list[str], list[str]]:
    """The fields that fit, a sentence for each that does not, and the names of required ones that are not there."""
    fitting, wrong = {}, []
    for name, (written, _) in known.items():
        if name in value:
            bare = written.removesuffix(" | None")
            convert, expected = _TYPES[bare.partition("[")[0]]
            try:
                fitting[name] = None if value[name] is None and bare != written else convert(value[name])
            except (TypeError, ValueError, OverflowError):
                wrong.append(f"{name} = {_shown(value[name])}, expected {expected}")
    if not partial:
        for name, (_, default) in known.items():
            if default is not REQUIRED:
                fitting.setdefault(name, default)
    return fitting, wrong, [name for name, (_, default) in known.items() if default is REQUIRED and name not in fitting]


def _left_out(sentence: str, attempt: int, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """The event that stands in the place of what was left out."""
    when = (value or {}).get("time")
    step = (value or {}).get("step")
    event = {
        "step": step if isinstance(step, int) and abs(step) < 1 << 62 else 0,
        "kind": LEFT_OUT,
        "text": f"not stored: {sentence}"[:500],
        "time": when if isinstance(when, float) else time.time(),
        "attempt": attempt,
        "data": {"note": _shown(dict(value or {}), 1000)},
    }
    return {"event": event}


def _shown(value: Any, length: int = 80) -> str:
    try:
        return repr(value)[:length]
    except ValueError:  # an integer of more digits than Python writes
        return f"an {type(value).__name__} that cannot be written out"
