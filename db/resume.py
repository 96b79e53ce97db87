"""Which run a resumed training goes on with, and as which attempt."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from .journal.claims import claim
from .places.file_system import on_network
from .places.paths import journal_folder
from .reading.database import Database
from .reading.runs import runs
from .records import Run


def resumed(path: Path, name: str, project: str) -> tuple[Run, int] | None:
    """The newest run of this name and project, and the number of its new attempt, which nobody else gets.

    None where there is no such run. StoreError where the store cannot be read.
    """
    before = newest(path, name, project)
    while before is not None:
        number = claim(journal_folder(path), before.id, before.attempt + 1)
        now = newest(path, name, project)
        if now is None or now.id != before.id or now.attempt < number:
            return before, number
        before = now  # whoever took this number first has recorded and closed in between
    return None


def newest(path: Path, name: str, project: str) -> Run | None:
    """The newest run of this name and project that the store, or a journal beside it, knows."""
    with contextlib.ExitStack() as stack:
        if path.exists():
            database = Database(path, readonly=on_network(path))
        elif journal_folder(path).exists():  # not folded yet: a blank store lends the tables
            blank = stack.enter_context(tempfile.TemporaryDirectory())
            database = Database(Path(blank) / "blank.db", journals=journal_folder(path))
        else:
            return None
        stack.callback(database.close)
        with database.snapshot() as snapshot:
            found = runs(snapshot)
        return next((one for one in found if one.name == name and one.project == project), None)
