"""One append-only file per writer: what a call returned for is on it, and SIGKILL takes nothing back.

A call is one `write` into the page cache: a killed process loses nothing, a power cut may lose the last seconds.
Long runs write one file after another, so that what has been folded can be deleted.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from . import frames
from .errors import StoreError
from .frames import MAGIC, Key

SEGMENT_BYTES = 32 << 20
KEPT_BYTES = 64 << 20  # what a full disk may make us keep in memory before values are counted as dropped


class Journal:
    """Appends frames; thread-safe, silent in forked children, and never raises for want of disk space."""

    def __init__(self, folder: Path, stem: str, opening: list[dict]):
        """`opening`: the notes that every segment begins with (the run and its attempt), so that it stands alone."""
        self.folder, self.stem, self.opening = folder, stem, opening
        self.dropped = 0
        self.number = 0  # of the segment being written
        self._pid, self._lock, self._file = os.getpid(), threading.RLock(), -1
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        try:
            folder.mkdir(exist_ok=True)
            self._open_segment()
        except OSError as error:
            raise StoreError(
                f"cannot write the journal in {folder}: {error.strerror or error}; make that folder writable, "
                "or give another store="
            ) from error

    @property
    def path(self) -> Path:
        """The segment being written."""
        return self.segment(self.number)

    def segment(self, number: int) -> Path:
        return self.folder / f"{self.stem}.{number:06d}.journal"

    def note(self, **entry: Any) -> None:
        """Appends one NOTE, e.g. `note(event={...})`."""
        with self._lock:
            self._append(frames.frame(frames.NOTE, 0, frames.json_body(entry)), 0)

    def points(self, step: int, keys: tuple[Key, ...], values) -> None:
        """Appends one step's values, one for each key."""
        with self._lock:
            shape, pack = self._shapes.get(keys) or self._define(keys)
            self._append(frames.frame(frames.POINTS, shape, pack(step, *values)), len(keys))

    def columns(self, steps: np.ndarray, keys: tuple[Key, ...], values: np.ndarray) -> None:
        """Appends many steps' values at once: steps [n], values [n, keys]."""
        with self._lock:
            shape, _ = self._shapes.get(keys) or self._define(keys)
            self._append(frames.frame(frames.COLUMNS, shape, frames.columns_body(steps, values)), values.size)

    def touch(self) -> None:
        """The heartbeat: the file's time says that the writer lives."""
        os.utime(self.path)

    def rotate(self) -> bool:
        """Goes on in a new file when this one has become long; True when it did."""
        with self._lock:
            if self._size < SEGMENT_BYTES:
                return False
            os.close(self._file)
            self.number += 1
            self._open_segment()
            return True

    def retry(self) -> bool:
        """Writes what a full disk has kept waiting; True when nothing waits any more."""
        with self._lock:
            waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
            for data in waiting:
                self._append(data, 0)
            return not self._waiting

    @property
    def closed(self) -> bool:
        return self._file < 0

    def close(self) -> None:
        with self._lock:
            if self._file >= 0 and os.getpid() == self._pid:
                os.close(self._file)
            self._file = -1

    def _open_segment(self) -> None:
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._shapes: dict[tuple[Key, ...], tuple[int, Any]] = {}
        opening = b"".join(frames.frame(frames.NOTE, 0, frames.json_body(entry)) for entry in self.opening)
        self._size = os.write(self._file, MAGIC + opening)

    def _define(self, keys: tuple[Key, ...]) -> tuple[int, Any]:
        shape = len(self._shapes) + 1
        self._append(frames.frame(frames.SHAPE, shape, frames.json_body(list(keys))), 0)
        self._shapes[keys] = shape, frames.points_packer(len(keys))
        return self._shapes[keys]

    def _append(self, data: bytes, count: int) -> None:
        if self._file < 0 or os.getpid() != self._pid:  # closed, or a forked data loader: nothing to say
            return
        if self._waiting:  # keep the order: nothing overtakes what waits
            self._keep(data, count)
            return
        written = 0
        try:
            written = os.write(self._file, data)
        except OSError:
            pass
        if written == len(data):
            self._size += written
            return
        if written:  # half a frame: take it back, so that the file stays readable
            try:
                os.ftruncate(self._file, self._size)
            except OSError:
                pass
        self._keep(data, count)

    def _keep(self, data: bytes, count: int) -> None:
        if self._waiting_bytes + len(data) > KEPT_BYTES:
            self.dropped += count
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
