"""Puts on the disk what a power cut must not take."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sqlalchemy import Engine

from .engine import explained


def make_durable(engine: Engine) -> bool:
    """Syncs all that has been committed; False where that cannot be done now.

    Commits go to the write-ahead log unsynced. A checkpoint syncs the log and then the file, but stops before the first
    page that an open reader still needs: then the log itself is synced, from which SQLite recovers.
    """
    path = Path(engine.url.database or "")
    with explained(path), contextlib.closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        ((busy, pages, moved),) = cursor.fetchall()
    if not busy and pages == moved:  # both are -1 without a log, where every commit is synced
        return True
    return synced(path.with_name(path.name + "-wal")) and synced(path.parent)


def synced(path: Path) -> bool:
    """Whether a file's content, or a folder's list of files, is on the disk now."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.fsync(file)
    except OSError:
        return False
    finally:
        os.close(file)
    return True
