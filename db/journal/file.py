"""One append-only file per writer: what a call returned for is on it, and SIGKILL takes nothing back.

A call is one `write` into the page cache: a killed process loses nothing, a power cut may lose the last seconds.
Long runs write one file after another, so that what has been folded can be deleted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import StoreError
from ...keys import SeriesKey
from ..places.file_lock import hold, let_go
from ..places.modes import create, make_folder
from . import frames
from .frames import MAGIC

FULL = (errno.ENOSPC, errno.EDQUOT)
SEGMENT_BYTES = 32 << 20
KEPT_BYTES = 64 << 20  # what a full disk may make us keep in memory before values are counted as dropped


class Journal:
    """Appends frames; thread-safe, silent in forked children, and never raises for want of disk space."""

    def __init__(self, folder: Path, stem: str, opening: list[dict[str, Any]]):
        """`opening`: the notes that every segment begins with (the run and its attempt), so that it stands alone."""
        self.folder, self.stem, self.opening = folder, stem, opening
        self.dropped = 0
        self.problem = ""  # why the last write failed, in the system's words
        self.number = 0  # of the segment being written
        self._pid, self._lock, self._file = os.getpid(), threading.RLock(), -1
        self._shapes: dict[tuple[SeriesKey, ...], tuple[int, Any]] = {}
        self._waiting: deque[tuple[bytes, int]] = deque()
        self._waiting_bytes = 0
        self._begun = 0  # bytes of the first waiting frame that are in the file
        self.closed = False
        try:
            self._begin(0)
        except OSError as error:
            if error.errno in FULL:  # space may come: until then everything waits
                self.problem = error.strerror or str(error)
                return
            raise StoreError(
                f"cannot write the journal in {folder}: {error.strerror or error}; make that folder writable, "
                "or give another store="
            ) from error

    @property
    def path(self) -> Path:
        """The segment being written."""
        return self.segment(self.number)

    @property
    def foreign(self) -> bool:
        """Whether this is a forked child, such as a data loader's worker: it writes nothing."""
        return os.getpid() != self._pid

    def segment(self, number: int) -> Path:
        return self.folder / f"{self.stem}.{number:06d}.journal"

    def note(self, **entry: Any) -> None:
        """Appends one NOTE, e.g. `note(event={...})`."""
        body = frames.json_body(entry)
        if not self.foreign:  # asked before the lock, which another thread may have held at the fork
            with self._lock:
                self._append(frames.frame(frames.NOTE, 0, body), 0)

    def points(self, step: int, keys: tuple[SeriesKey, ...], values: Sequence[float]) -> None:
        """Appends one step's values, one for each key."""
        if not self.foreign:
            with self._lock:
                shape, pack = self._shapes.get(keys) or self._define(keys)
                self._append(frames.frame(frames.POINTS, shape, pack(step, *values)), len(keys))

    def columns(self, steps: np.ndarray, keys: tuple[SeriesKey, ...], values: np.ndarray) -> None:
        """Appends many steps' values at once: steps [n], values [n, keys]."""
        body, count = frames.columns_body(steps, values), len(steps) * len(keys)
        if np.shape(values) != (len(steps), len(keys)):
            raise ValueError(f"values of shape {np.shape(values)}; expected {(len(steps), len(keys))}: steps x keys")
        if not self.foreign:
            with self._lock:
                shape, _ = self._shapes.get(keys) or self._define(keys)
                self._append(frames.frame(frames.COLUMNS, shape, body), count)

    def touch(self) -> None:
        """The heartbeat: the file's time says that the writer lives. If the file was deleted, a new one is begun."""
        if not self.begun:
            return
        try:
            os.utime(self.path)
        except FileNotFoundError:
            self._next()

    def rotate(self) -> bool:
        """Goes on in a new file when this one has become long; True when it did."""
        with self._lock:
            if self._size < SEGMENT_BYTES or self._waiting:
                return False
            self._next()
            return True

    def move(self, stem: str, opening: list[dict[str, Any]]) -> bool:
        """Goes on in a file of another stem and opening; True when it did: while frames wait it does not."""
        with self._lock:
            if not self.retry():
                return False
            before = self.stem, self.opening
            self.stem, self.opening = stem, opening
            try:
                if not self.closed:
                    self._next()
            except OSError:
                self.stem, self.opening = before
                raise
            return True

    def retry(self) -> bool:
        """Writes what a full disk has kept waiting; True when nothing waits any more."""
        with self._lock:
            if not self.begun and not self.closed:
                try:
                    self._begin(self.number)
                except OSError as error:
                    self.problem = error.strerror or str(error)
                    return False
            while self._waiting:
                data = self._waiting[0][0]
                self._begun += self._write(data[self._begun :])
                if self._begun < len(data):
                    return False
                self._waiting.popleft()
                self._waiting_bytes -= len(data)
                self._begun = 0
            return True

    @property
    def begun(self) -> bool:
        """Whether there is a file; a disk that was full at the beginning may not have let it."""
        return self._file >= 0

    def close(self) -> None:
        """Writes what still can be written, counts the rest as dropped, and ends the file."""
        if self.foreign or self.closed:
            return
        with self._lock:
            self.retry()
            self.dropped += sum(count for _, count in self._waiting)
            self._waiting.clear()
            self.closed = True
            if self.begun:
                let_go(self._file)
                os.close(self._file)
            self._file = -1

    def _next(self) -> None:
        """Goes on in the next segment; OSError leaves all as it was."""
        with self._lock:
            old = self._file
            self._begin(self.number + 1)
            let_go(old)
            os.close(old)

    def _begin(self, number: int) -> None:
        make_folder(self.folder)
        path = self.segment(number)
        shapes = dict(self._shapes) if self._waiting else {}  # frames that wait were packed for these
        file = create(path, os.O_APPEND)
        try:
            process = self.opening[0].get("run", {}).get("process", {})
            process |= {"locked": hold(file)}
            opening = b"".join(frames.frame(frames.NOTE, 0, frames.json_body(entry)) for entry in self.opening)
            opening += b"".join(_shape(shape, keys) for keys, (shape, _) in shapes.items())
            size = os.write(file, MAGIC + opening)
            if size < len(MAGIC + opening):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.close(file)
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        self._file, self._size, self.number, self._shapes, self._begun = file, size, number, shapes, 0

    def _define(self, keys: tuple[SeriesKey, ...]) -> tuple[int, Any]:
        shape = len(self._shapes) + 1
        self._append(_shape(shape, keys), 0)
        self._shapes[keys] = shape, frames.points_packer(len(keys))
        return self._shapes[keys]

    def _append(self, data: bytes, count: int) -> None:
        if self.closed:
            self.dropped += count
            return
        written = 0 if self._waiting else self._write(data)  # nothing overtakes what waits
        if written == len(data):
            return
        # The rest of a frame that was begun, and what later frames need to be read, wait whatever it takes.
        if written == 0 and count and self._waiting_bytes + len(data) > KEPT_BYTES:
            self.dropped += count
            return
        if not self._waiting:
            self._begun = written
        self._waiting.append((data, count))
        self._waiting_bytes += len(data)

    def _write(self, data: bytes) -> int:
        if not self.begun:
            return 0
        try:
            written = os.write(self._file, data)
        except OSError as error:
            self.problem = error.strerror or str(error)
            return 0
        self._size += written
        return written


def _shape(number: int, keys: tuple[SeriesKey, ...]) -> bytes:
    return frames.frame(frames.SHAPE, number, frames.json_body(list(keys)))
