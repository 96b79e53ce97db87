"""Runs by a filter: words that stand in them, or an SQL condition such as `final_loss < 3 and lr >= 1e-3`.

A condition can do nothing but read, and not for long.
"""

from __future__ import annotations

import difflib
import re
import sqlite3
import string
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import InvalidInput

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # what SQLite takes for one name
CONFIG = "config_"  # how the columns of a configuration begin; a condition may leave it out
SECONDS, LONGEST = 1.0, 10_000  # of a condition: time it may take, characters it may have
FUNCTIONS = {
    "abs", "avg", "coalesce", "count", "exp", "glob", "ifnull", "iif", "instr", "length", "like", "ln", "log10", "log2",
    "lower", "ltrim", "max", "min", "nullif", "pow", "power", "round", "rtrim", "sqrt", "substr", "substring", "sum",
    "trim", "upper",
}  # fmt: skip
CONDITION = re.compile(r"[<>=]|\b(like|glob|between|is\s+(not\s+)?null|in\s*\()|^\s*[01]\s*$", re.I)
WORD = re.compile(r"[^<>=()'\"]+(=[^<>=()'\"]+)?")  # or key=value
WORDS = ("name", "project", "note", "tags")  # columns in which words are looked for, beside the configuration


def kept(rows: Sequence[Mapping[str, Any]], text: str) -> list[Any]:
    """The `id` of the rows that a filter keeps, in their order: the same language wherever runs are filtered.

    Words keep the rows that hold each of them, in any case, in a text or as `key=value` of the configuration. What has
    the form of a condition is one; if it has a mistake and is no words either, InvalidInput names the place.

    >>> rows = [{"id": 1, "name": "Cosine", "config_lr": 0.01}, {"id": 2, "name": "wsd", "config_lr": 0.001}]
    >>> kept(rows, "cos"), kept(rows, "lr > 2e-3"), kept(rows, "lr=0.001 wsd")
    ([1], [1], [2])
    """
    if not CONDITION.search(text):
        return _holding(rows, text)
    try:
        return matching(rows, text)
    except InvalidInput:
        found = _holding(rows, text)
        if not found and not all(WORD.fullmatch(word) for word in text.split()):
            raise
        return found


def _holding(rows: Sequence[Mapping[str, Any]], text: str) -> list[Any]:
    words = text.lower().split()
    return [row["id"] for row in rows if all(word in _text(row) for word in words)]


def _text(row: Mapping[str, Any]) -> str:
    config = (f"{name.removeprefix(CONFIG)}={value}" for name, value in row.items() if name.startswith(CONFIG))
    return " ".join([*(str(row.get(name) or "") for name in WORDS), *config]).lower()


def matching(rows: Sequence[Mapping[str, Any]], where: str, *, seconds: float = SECONDS) -> list[Any]:
    """The `id` of the rows for which the condition holds, in their order.

    The rows are copied into a table `runs` in memory, of a connection that may do nothing but read it: SQLite's
    authorizer refuses all else, and its progress handler ends what takes longer than `seconds`. Texts compare as in
    SQLite; a number that is not finite, and a key that a run does not have, is NULL. InvalidInput names the place.

    >>> matching([{"id": 1, "final_loss": 2.5}, {"id": 2, "final_loss": 3.5}], "final_loss < 3")
    [1]
    """
    if not where.strip():
        return [row["id"] for row in rows]
    if len(where) > LONGEST or "\0" in where:
        raise InvalidInput(f"the filter has {len(where):,} characters: expected a condition of {LONGEST:,} at most")
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["id"]
    spellings = _columns(names, where)
    connection = sqlite3.connect(":memory:")
    try:
        columns = ", ".join(_quoted(name) for name in spellings)
        connection.execute(f"CREATE TABLE runs ({columns})")
        marks = ", ".join("?" * len(spellings))
        cells = ([_cell(row, alike) for alike in spellings.values()] for row in rows)
        connection.executemany(f"INSERT INTO runs VALUES ({marks})", cells)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000_000)
        connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 200)
        end = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > end, 1000)
        connection.set_authorizer(_only_reading)
        found = connection.execute(f"SELECT rowid FROM runs WHERE (\n{where}\n) ORDER BY rowid").fetchall()
    except (sqlite3.Error, sqlite3.Warning, UnicodeEncodeError) as error:
        raise InvalidInput(_explained(str(error), where, names)) from error
    finally:
        connection.close()
    return [rows[number - 1]["id"] for (number,) in found if 0 < number <= len(rows)]


def _only_reading(action: int, first: str | None, second: str | None, *_: Any) -> int:
    allowed = (
        action == sqlite3.SQLITE_SELECT
        or (action == sqlite3.SQLITE_READ and first == "runs")
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FUNCTIONS)
    )
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _columns(names: Sequence[str], where: str) -> dict[str, list[str]]:
    """The columns that the condition may speak of, each with its spellings in the rows: SQLite takes `LR` for `lr`.

    Only those: a table cannot have the thousands of columns that one run with an odd configuration would bring.
    """
    found: dict[str, list[str]] = {"id": ["id"]}
    asked = where.translate(_LOWER)
    asked += asked.replace('""', '"')  # as it stands in a quoted name
    own = {name.translate(_LOWER) for name in names}
    for name in names:
        for spelt in {name, name.removeprefix(CONFIG)}:
            folded = spelt.translate(_LOWER)
            meant = spelt == name or folded not in own  # a column of the run goes before a key of its configuration
            if meant and name != "id" and "\0" not in name and folded and folded in asked:
                found.setdefault(folded, []).append(name)
    return found


def _cell(row: Mapping[str, Any], spellings: Sequence[str]) -> Any:
    """The first of these values that the row has, as SQLite has it."""
    value = next((row[name] for name in spellings if row.get(name) is not None), None)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and abs(value) >= 2**63:
        return float(value) if abs(value) < 2**1023 else None
    return value if value is None or isinstance(value, (int, float)) else str(value)


def _explained(message: str, where: str, names: Sequence[str]) -> str:
    """SQLite's complaint with the place in the condition, and the column that may have been meant."""
    if "interrupted" in message:
        return f"the filter took longer than {SECONDS:g} s: expected a condition on single runs"
    if "prohibited" in message or "not authorized" in message or "recursive" in message:
        return f"the filter may only compare columns of runs: {message}"
    token = re.search(r'near "(.*?)":|(?:column|function): (\S+)|token: "(.*?)"', message, re.DOTALL)
    word = next((group for group in token.groups() if group), "") if token else ""
    at = where.find(word) if word else -1
    place = f" at character {at + 1}, {word[:60]!r}" if at >= 0 else ""
    if message.startswith("no such column"):
        close = difflib.get_close_matches(word, names, 3) or sorted(names)[:8]
        return f"unknown column in the filter{place}; there is {', '.join(close)}"
    if message.startswith("no such function"):
        return f"unknown function in the filter{place}; there is {', '.join(sorted(FUNCTIONS))}"
    if "incomplete" in message:
        return "the filter ends too early: expected a condition such as final_loss < 3"
    expected = "expected a condition such as final_loss < 3 and config_lr >= 1e-3"
    return f"the filter has a mistake{place} ({message}); {expected}"
