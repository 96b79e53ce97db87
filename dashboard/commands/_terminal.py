"""How commands write to the terminal: lines, tables, progress bars, and JSON without NaN."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ...formatting import duration

WIDE = 200  # columns of a table that goes into a pipe, which has no width to fit


def line(text: str, *, err: bool = False) -> None:
    """Prints a line, unwrapped and unstyled; `err`: on stderr."""
    Console(stderr=err, soft_wrap=True, highlight=False, markup=False, emoji=False).print(text)


def literal(text: str) -> Text:
    """A run's name as it is: brackets are no markup, control characters do not reach the terminal."""
    return Text("".join(c if c.isprintable() else " " for c in text))


def print_table(table: Table) -> None:
    console = Console()
    (console if console.is_terminal else Console(width=WIDE)).print(table)


def print_json(value: Any) -> None:
    """Prints JSON; every number in it must be finite (`finite`)."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str))


def finite(value: float | None) -> float | None:
    """The number, or None where JSON has none for it."""
    return None if value is None or not math.isfinite(value) else value


def bar() -> Progress:
    """A progress bar on stderr that leaves nothing behind."""
    columns = [TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def ago(moment: float) -> str:
    """How long ago a moment was: "3 min ago"."""
    return f"{duration(time.time() - moment)} ago" if moment else "unknown"
