"""The plain part of YAML that trainers write their hyper-parameters in: nested keys, scalars and lists of scalars.

Tags (`!!python/object`), anchors and blocks of text stay text: nothing in a file is ever called.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

_LONGEST = 1 << 20
_LINE = re.compile(r"^( *)(?:(- )|(?:(['\"]?)([^#\s'\":][^'\":]*)\3\s*:(?: +|$)))(.*)$")
_WORDS = {"true": True, "false": False, "null": None, "none": None, "~": None, "": None}


def parse(text: str) -> dict[str, Any]:
    """The mapping in a YAML text; a line of another kind is passed over."""
    found: dict[str, Any] = {}
    open_at: list[tuple[int, Any]] = [(-1, found)]  # (indent, what is filled at deeper indents)
    last: tuple[dict[str, Any], str, int] | None = None  # the key that has no value of its own yet
    for line in text[:_LONGEST].splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        indent, item, key, value = len(match[1]), match[2], match[4], match[5]
        if item:
            if last and isinstance(last[0][last[1]], list | None) and indent >= last[2]:
                last[0][last[1]] = [*(last[0][last[1]] or []), scalar(value)]
            continue
        while indent <= open_at[-1][0]:
            open_at.pop()
        if last and last[2] < indent and last[0][last[1]] is None:
            inner: dict[str, Any] = {}
            last[0][last[1]] = inner
            open_at.append((last[2], inner))
        into = open_at[-1][1]
        into[key.strip()] = scalar(value)
        last = (into, key.strip(), indent) if value.strip() in ("", "[]") else None
    return found


def scalar(text: str) -> Any:
    """A number, truth value, null, quoted or plain text, or a list or mapping in JSON."""
    text = re.sub(r"\s+#.*$", "", text).strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text[0] in '[{"':
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    try:
        return int(text) if len(text) < 20 else text
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def beside(log: Path, name: str = "hparams.yaml") -> dict[str, Any]:
    """What stands in a file beside a log, {} where there is none."""
    path = log.parent / name
    try:
        if path.is_symlink() or not path.is_file():
            return {}
        with open(path, encoding="utf-8", errors="replace") as file:
            return parse(file.read(_LONGEST))
    except OSError:
        return {}
