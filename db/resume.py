"""Which run a resumed training goes on with, and as which attempt; also later, where the store could not be read."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from ..errors import StoreError
from .journal.claims import claim
from .journal.join import Joining, contents, decide, decided, join, waiting
from .journal.tail import opening, unreadable
from .places.file_system import on_network
from .places.paths import journal_folder
from .reading.attempts import recorded_attempts
from .reading.database import Database
from .reading.runs import runs
from .records import Attempt, Run


def resumed(path: Path, name: str, project: str) -> tuple[Run, list[Attempt], int] | None:
    """The newest run of this name and project, its attempts, and the number of its new one, which nobody else gets.

    None where there is no such run. StoreError where the store cannot be read.
    """
    with _opened(path) as database:
        if database is None:
            return None
        join_left(database)
        before = _newest(database, name, project)
        while before is not None:
            number = claim(journal_folder(path), before.id, before.attempt + 1)
            now = _newest(database, name, project)
            if now is None or now.id != before.id or now.attempt < number:
                with database.snapshot() as snapshot:
                    return before, recorded_attempts(snapshot, before.id), number
            before = now  # whoever took this number first has recorded and closed in between
        return None


def join_left(database: Database) -> None:
    """Joins what dead writers left that had resumed a run while the store could not be read."""
    dead = set(database.tail.dead())
    for run, files in waiting(database.tail.files()).items():
        if dead.issuperset(files):
            try:
                joining = _joining(database, run, files)
                if joining is not None:
                    join(database.tail.folder, joining)
            except StoreError:
                raise
            except Exception as error:  # one that cannot be joined waits, and must not hold up the others
                database.tail.failed |= {path.name: unreadable(path, error) for path in files}


def joining(path: Path, run: str, *, ended: bool) -> Joining | None:
    """What becomes of the waiting run `run`; None while that depends on its first step, and it has none yet.

    StoreError where the store still cannot be read.
    """
    with _opened(path) as database:
        if database is None:
            return None
        files = waiting(database.tail.files()).get(run, [])
        return _joining(database, run, files, ended=ended)


def _joining(database: Database, run: str, files: list[Path], *, ended: bool = True) -> Joining | None:
    folder = database.tail.folder
    known = decided(folder, run)
    if known is not None or not files:
        return known
    numbers, first_step = contents(files)
    step = (opening(files[0]).resumes or {}).get("step")
    if first_step is None and step is None and not ended:
        return None
    with database.snapshot() as snapshot:
        mine = next((one for one in runs(snapshot) if one.id == run), None)
    if mine is None:  # joined by somebody else in between
        return None
    before = _newest(database, mine.name, mine.project)
    if before is None:
        attempts = {number: number for number in numbers}
        found = Joining(run, asdict(mine), attempts, step or 0)
    else:
        attempts, last = {}, before.attempt
        for number in sorted(numbers):
            attempts[number] = last = claim(folder, before.id, last + 1)
        config = mine.config or before.config
        record = replace(before, config=config, attempt=attempts[min(numbers)], state="running")
        if step is None:
            step = (before.last_step or 0) if first_step is None else first_step - 1
        found = Joining(run, asdict(record), attempts, step)
    decide(folder, found)
    return found


def _newest(database: Database, name: str, project: str) -> Run | None:
    """The newest run of this name and project; none that itself waits to be joined."""
    waits = waiting(database.tail.files())
    with database.snapshot() as snapshot:
        found = [one for one in runs(snapshot) if one.id not in waits]
    return next((one for one in found if one.name == name and one.project == project), None)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Database | None]:
    """The store; where it has not been folded yet, a blank one that lends its tables; None where nothing is there."""
    with contextlib.ExitStack() as stack:
        database = None
        if path.exists():
            database = Database(path, readonly=on_network(path))
        elif journal_folder(path).exists():
            blank = stack.enter_context(tempfile.TemporaryDirectory())
            database = Database(Path(blank) / "blank.db", journals=journal_folder(path))
        if database is not None:
            stack.callback(database.close)
        yield database
