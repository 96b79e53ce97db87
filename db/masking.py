"""The door of the store: whatever a run says of itself is masked before it is written, in a journal or in a table.

`barograph.toml`, next to the store or where BAROGRAPH_CONFIG points, may say more:

    [secrets]
    mask = ["*_pin", "licence"]     # names, or patterns of names, that are secret here
    show = ["wandb.key", "token"]   # and names that are not
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..masking import Masking

SETTINGS = "barograph.toml"
TEXTS = {
    "run": ("name", "project", "note", "problem"),
    "update": ("name", "project", "note", "problem"),
    "event": ("text",),
}
"""Free texts of a note, by its kind."""
VALUES = {"run": ("config", "provenance", "tags"), "update": ("config", "provenance", "tags"), "event": ("data",)}
"""Settings of a note, by its kind."""


def settings_file(store: Path) -> Path:
    """Where the settings of a store are looked for."""
    return Path(os.environ.get("BAROGRAPH_CONFIG") or store.parent / SETTINGS)


def rule_of(store: Path) -> Masking:
    """The rule of a store; the usual one where its settings say nothing, or cannot be read."""
    file = settings_file(store)
    try:
        return _rule(str(file), file.stat().st_mtime_ns)
    except OSError:
        return Masking()


@lru_cache(16)
def _rule(file: str, changed: int) -> Masking:
    try:
        found = tomllib.loads(Path(file).read_text("utf-8")).get("secrets", {})
    except (OSError, ValueError, RecursionError):  # the dashboard says what is wrong with it
        return Masking()
    return Masking(*(_names(found, name) for name in ("mask", "show")))


def _names(found: Any, name: str) -> tuple[str, ...]:
    given = found.get(name) if isinstance(found, dict) else None
    return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list) else ()


def masked_note(note: Mapping[str, Any], rule: Masking) -> dict[str, Any]:
    """A note of a journal (see `journal/frames.py`) as it may be written; masking it twice changes nothing."""
    return {kind: masked_fields(kind, value, rule) for kind, value in note.items()}


def masked_fields(kind: str, fields: Any, rule: Masking) -> Any:
    """The fields of one entry of a note, masked. Of an import's event only the texts: its data name columns."""
    if not isinstance(fields, Mapping):
        return fields
    out = dict(fields)
    for name in TEXTS.get(kind, ()):
        if isinstance(out.get(name), str):
            out[name] = rule.text(out[name])
    for name in VALUES.get(kind, ()):
        if out.get(name) and out.get("kind") != "import":
            out[name] = rule.value(out[name])
    return out
