"""The console logs of nanoGPT, modded-nanogpt, llm.c, Megatron-LM and torchtitan, as text with whatever else is in it.

Lines that report a step are the rows; what the log states about the run (tokens a step, planned steps, arguments) goes
into the run's fields and its config. How each tool writes them stands in `text_tools`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._machinery import lines
from ._machinery.batch import Batch, Column
from ._machinery.lines import Lines, Meter
from ._machinery.text_tools import TOOLS, Tool, setting

FORMAT = "console log"
EXPECTS = f"a console log of {', '.join(tool.name for tool in TOOLS)}"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WHEN = re.compile(r"\b(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,](\d{3,6}))?")
_LONGEST = 10_000  # characters of a line that reports a step
_STATED = 1000  # characters of a line that states a setting or says whose log this is
_SETTINGS = 10_000


def recognise(path: Path, head: bytes) -> bool:
    """Whether the text has a line that only one of these tools writes; source code is none, though it may hold one."""
    return path.suffix.lower() not in (".py", ".cu", ".c", ".md", ".ipynb", ".csv", ".json") and _tool(head) is not None


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch | None]:
    """The lines that report a step."""
    with open(paths[0], "rb") as file:
        tool = _tool(file.read(1 << 16))
    reader = _Reader(tool or TOOLS[0])
    for piece in lines.read(paths[0], meter):
        yield reader.batch(piece) if piece else None


def _tool(head: bytes) -> Tool | None:
    beginning = "\n".join(lines.head(head)).replace("\r", "\n").split("\n")
    text = _COLOUR.sub("", "\n".join(line[:_STATED] for line in beginning if not line.isspace()))
    found = [(match.start(), i) for i, tool in enumerate(TOOLS) if (match := tool.mark.search(text))]
    return TOOLS[min(found)[1]] if found else None


class _Reader:
    """Goes through the lines of one log."""

    def __init__(self, tool: Tool):
        self.tool = tool
        self.config: dict[str, Any] = {}
        self.step = self.planned = 0

    def batch(self, piece: Lines) -> Batch:
        at: list[int] = []
        steps: list[int] = []
        cells: dict[str, tuple[list[int], list[float]]] = {}
        unread: list[int] = []
        for number, line in enumerate(piece.lines, piece.first):
            if number == piece.first + len(piece.lines) - 1 and not piece.whole:
                unread.append(number)  # without its end it may be half a line
                continue
            row = self._row(line)
            if row is None:
                if "\ufffd" in line or "\0" in line:
                    unread.append(number)
                continue
            for name, value in row.items():
                where, values = cells.setdefault(name, ([], []))
                where.append(len(at))
                values.append(value)
            at.append(number)
            steps.append(self.step)
        return self._filled(np.array(at, np.int64), np.array(steps, np.int64), cells, unread)

    def _filled(
        self, at: np.ndarray, steps: np.ndarray, cells: dict[str, tuple[list[int], list[float]]], unread: list[int]
    ) -> Batch:
        batch = Batch(at, unread=unread, steps=steps, config=dict(self.config), run=self.tool.facts(self.config))
        if self.planned:
            batch.run["steps_planned"] = self.planned
        for name, (rows, values) in cells.items():
            batch.columns[name] = Column(np.array(rows), np.array(values, float), np.empty(0, np.int64))
        for source in ("loss", "consumed samples"):
            column = batch.columns.get(source)
            if column is not None:
                known = {source: column.values}
                for name, found in self.tool.derive(self.config, known, steps[column.rows]).items():
                    batch.columns.setdefault(name, Column(column.rows, found, column.odd))
        return batch

    def _row(self, line: str) -> dict[str, float] | None:
        """{column: value} of a line that reports a step."""
        if len(line) > _LONGEST:
            return None
        if "\x1b" in line:
            line = _COLOUR.sub("", line)
        for kind in self.tool.rows:
            begins = kind.hint in line and kind.begins.search(line)
            if not begins:
                continue
            row: dict[str, float] = {}
            for name, value, *_ in kind.pairs.findall(line):
                name = kind.names.get(name.lower(), name)
                if name is not None:
                    row.setdefault(name, float(value.replace(",", "")))
            if not row:
                continue
            found = [group for group in begins.groups() if group]
            self.step = int(found[0]) if found and len(found[0]) < 16 else self.step
            self.planned = int(found[1]) if len(found) > 1 and len(found[1]) < 16 else self.planned
            when = _WHEN.search(line)
            if when:
                row["datetime"] = _seconds(when)
            if "elapsed" in row and re.search(r"train_time:[\d.]+ms", line):
                row["elapsed"] /= 1e3
            return row
        if len(self.config) < _SETTINGS and len(line) <= _STATED:
            for pattern in self.tool.config:
                stated = pattern.search(line)
                if stated:
                    name, value = setting(stated)
                    self.config.setdefault(name, value) if self.step else self.config.update({name: value})
        return None


def _seconds(when: re.Match[str]) -> float:
    try:
        return float(np.datetime64(when[1].replace(" ", "T"), "us").astype(np.int64)) / 1e6 + float(f"0.{when[2] or 0}")
    except ValueError:
        return float("nan")
