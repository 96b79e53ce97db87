"""How the tables spell the key of a series: the columns `signal` and `part`."""

from __future__ import annotations

import json

from ...keys import SeriesKey


def to_columns(key: SeriesKey) -> tuple[str, str]:
    """A key as (signal, part), the part as a JSON list."""
    name, part = (key, "[]") if isinstance(key, str) else (key[0], json.dumps(list(key[1:]), ensure_ascii=False))
    return storable(name), storable(part)


def from_columns(signal: str, part: str) -> SeriesKey:
    """The key that stands in the columns `signal` and `part`; a damaged part is taken as it is."""
    if part == "[]":
        return signal
    try:
        return (signal, *map(str, json.loads(part)))
    except (ValueError, TypeError):
        return signal, part


def storable(text: str) -> str:
    """The text as UTF-8 can hold it: half a surrogate pair becomes a question mark, as in a journal."""
    return text.encode("utf-8", "replace").decode()
