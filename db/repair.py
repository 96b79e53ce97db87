"""Repairs a store: what is whole is kept, what is damaged is made anew from what is whole, and what is lost is said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from ..errors import StoreError
from ..keys import label
from .journal.accepted import LOST, accepted
from .journal.fold import take_note
from .journal.tail import opening, run_of
from .places.paths import journal_folder
from .places.process import Liveness, liveness
from .reading.database import Database
from .recovery import fold_left_journals
from .salvage import salvage
from .series import checksums, pyramid, tiles
from .series.keys import from_columns
from .series.pyramid import SIZES, TILE, Points
from .series.stored import StoredTiles
from .series.summaries import COLUMNS, of_tiles
from .series.verify import faults
from .tables.engine import dbapi_cursor, integrity
from .tables.rows import rows

FOUND = "recovered"
"""The run that holds series whose own run is not known any more."""


def repair(path: Path) -> list[str]:
    """Makes a damaged store sound, a sentence for each thing done; [] where nothing was to do.

    A file that SQLite itself finds damaged is read row by row into a new one, and stays beside it. Damaged journals
    are put aside once they are folded. StoreError while a run is being written.
    """
    require_rest(path)
    done: list[str] = []
    try:
        database = Database(path, create=False)
        found = integrity(database.engine)
        database.close()
    except StoreError as error:
        if "damaged" not in str(error):
            raise
        found = [str(error)]
    if found:
        done += salvage(path)
    database = Database(path, create=False)
    try:
        fold_left_journals(database)
        with database.writing() as connection:
            done += _adopt(connection)
            done += _series(connection)
        fold_left_journals(database)  # what had to wait for that
        done += _journals(database)
    finally:
        database.close()
    return done


def require_rest(path: Path) -> None:
    """StoreError while something is written to the store."""
    for journal in sorted(journal_folder(path).glob("*.journal")):
        begun = opening(journal)
        if begun.run is not None and liveness(begun.process, journal) is Liveness.ALIVE:
            raise StoreError(f"run {begun.run} is still being written; stop it first, then repair the store")


def _adopt(connection: Connection) -> Iterator[str]:
    """Gives points without a series one, and series without a run theirs."""
    orphans = "SELECT DISTINCT series FROM tiles WHERE series NOT IN (SELECT id FROM series) ORDER BY series"
    for (number,) in connection.execute(text(orphans)).fetchall():
        row = {"id": number, "run": FOUND, "signal": f"series {number}"}
        add = "INSERT INTO series (id, run, attempt, signal, part) VALUES (:id, :run, 0, :signal, '[]')"
        connection.execute(text(add), row)
        yield f"series {number} has lost its name and its run: it stands in a run called {FOUND}"
    for (run,) in list(rows(connection, "SELECT run FROM series EXCEPT SELECT id FROM runs")):
        note = accepted({"run": {"id": run, "name": run, "state": "stopped", "last_seen": time.time()}}, 0)[0]
        take_note(connection, run, 0, note)
        yield f"run {run} has lost its name, configuration and notes: it is called by its id"


def _series(connection: Connection) -> Iterator[str]:
    """Writes the damaged series anew, and gives the others the checksums that they lack."""
    cursor = dbapi_cursor(connection)
    for row in cursor.execute(f"SELECT {COLUMNS} FROM series ORDER BY id").fetchall():
        about = f"run {row[1]}: {label(from_columns(row[3], row[4]))}"
        if list(faults(cursor, row)):
            yield f"{about}: {_rewrite(connection, row)}"
        else:
            _seal(connection, row)


def _rewrite(connection: Connection, row: tuple[Any, ...]) -> str:
    """Writes a series anew from its whole tiles, and of lost ones what the roll-ups know: real points, the extremes."""
    cursor = dbapi_cursor(connection)
    series, run, attempt, signal, part, n, _, first, last = row[:9]
    if not (n and checksums.sound_series(row)):
        n, first, last, _ = of_tiles(cursor, series)
    stored = StoredTiles(cursor, series)
    count = -(-n // TILE)
    parts = [stored.points(0, count - 1)] if count else [(np.empty(0, np.int64), np.empty(0))]
    holes = stored.holes(n, first, last)
    parts += [_extremes(stored, tile) for tile in sorted(stored.damaged) if (tile + 1) * TILE <= n]
    points = pyramid.merge(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    cursor.execute("DELETE FROM tiles WHERE series = ?", (series,))
    blank = "n = 0, bad = 0, first_step = NULL, last_step = NULL, last_value = NULL, low = NULL, high = NULL"
    cursor.execute(f"UPDATE series SET {blank}, checksum = NULL WHERE id = ?", (series,))
    tiles.write(connection, [(series, *points)])
    what = label(from_columns(signal, part))
    for hole in holes:
        left = int(np.count_nonzero((points[0] >= hole.first) & (points[0] <= hole.last)))
        kept = f"{left:,} of them are kept, the lowest and the highest" if left else "none of them is left"
        event = {
            "step": hole.first,
            "kind": LOST,
            "text": f"{hole.n:,} points of {what} in steps {hole.first} to {hole.last} were damaged; {kept}",
            "attempt": attempt,
            "time": time.time(),
        }
        take_note(connection, run, attempt, accepted({"event": event}, attempt)[0])
    lost = n - len(points[0])
    return f"made anew; {lost:,} of {n:,} points are lost" if lost > 0 else "made anew, nothing is lost"


def _extremes(stored: StoredTiles, tile: int) -> Points:
    """The lowest and the highest point of each bucket of a lost tile, from the finest roll-up that is whole."""
    for level in range(1, len(SIZES)):
        first, end = tile * TILE // SIZES[level], (tile + 1) * TILE // SIZES[level]
        buckets = stored.buckets(level, first, end) if end > first else np.empty(0, pyramid.BUCKET)
        known = buckets[np.isfinite(buckets["low"]) & (buckets["n"] > 0)]
        if len(known):
            steps = np.concatenate([known["low_at"], known["high_at"]])
            return pyramid.merge(steps, np.concatenate([known["low"], known["high"]]))
    return np.empty(0, np.int64), np.empty(0)


def _seal(connection: Connection, row: tuple[Any, ...]) -> None:
    """Adds the checksums of a sound series that is older than they are."""
    cursor, series = dbapi_cursor(connection), row[0]
    if row[5] and row[-1] is None:
        cursor.execute("UPDATE series SET checksum = ? WHERE id = ?", (checksums.of_series(*row[:-1]), series))
    sql = (
        "SELECT level, tile, n, first_step, last_step, low, high, mean, data FROM tiles "
        "WHERE series = ? AND checksum IS NULL"
    )
    sums = [(checksums.of_tile(series, *tile), series, *tile[:2]) for tile in cursor.execute(sql, (series,))]
    cursor.executemany("UPDATE tiles SET checksum = ? WHERE series = ? AND level = ? AND tile = ?", sums)


def _journals(database: Database) -> Iterator[str]:
    """Puts damaged journals of dead writers aside: what is whole of them is in the tables."""
    dead = {path.name: path for path in database.tail.dead()}
    with database.writing() as connection:
        found = list(rows(connection, "SELECT name, damaged_at FROM journals WHERE damaged_at IS NOT NULL"))
        for name, at in found:
            path = dead.get(name)
            if path is not None or not (database.tail.folder / name).exists():
                connection.execute(text("DELETE FROM journals WHERE name = :name"), {"name": name})
            if path is not None:
                aside = path.rename(path.with_suffix(".damaged"))
                what = f"what is whole of its journal, damaged at byte {at}, is taken in"
                yield f"run {run_of(path)}: {what}; the file is now {aside.name}"
