"""What the commands share: the option --store, an open store, and the two consoles."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from ...db import Store

Url = Annotated[
    str, typer.Option("--store", metavar="URL", envvar="BAROGRAPH_STORE", help="The store: a path, or sqlite:///PATH.")
]
HERE = "runs.db"


@contextlib.contextmanager
def opened(url: str, *, create: bool = False) -> Iterator[Store]:
    """The store, with what writers that died left behind taken in."""
    from ...db import Store

    store = Store(url, create=create)
    try:
        store.fold()
        yield store
    finally:
        store.close()


def say(sentence: str, *, aside: bool = False) -> None:
    """A line to the user, unwrapped and unstyled; `aside`: on stderr."""
    Console(stderr=aside, soft_wrap=True, highlight=False, markup=False, emoji=False).print(sentence)


def plain(text: str) -> Text:
    """A run's name as it is: brackets are no markup, control characters do not reach the terminal."""
    return Text("".join(c if c.isprintable() else " " for c in text))


def bar(unit: str = "") -> Progress:
    """A progress bar on stderr that leaves nothing behind."""
    columns = [TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def ago(moment: float, now: float | None = None) -> str:
    """A time as words: "3 min ago"."""
    return f"{span((time.time() if now is None else now) - moment)} ago" if moment else "unknown"


def span(seconds: float) -> str:
    """A duration in its two largest units: "45 s", "3 min 20 s", "2 h 5 min", "4 d 1 h"."""
    whole = max(int(seconds), 0)
    for size, name, small, small_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {name} {rest} {small_name}" if rest else f"{whole // size} {name}"
    return f"{whole} s"
