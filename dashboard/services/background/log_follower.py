"""Follows folders of logs while the server runs, so that a run that nobody instrumented is live, too."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ....db import Store
from ....db.importers import Folder
from ....db.places.paths import store_path
from ..worker import Worker
from .changes import Changes

log = logging.getLogger("barograph.folders")
PAUSE, IDLE = 0.5, 30.0  # seconds: at most one look a pause; all files are looked at once an idle time
SHARE = 0.25  # of one core's time at most
SHOWN = 200  # files that are no logs, by name

_running: dict[Path, LogFollower] = {}


@dataclass(frozen=True)
class FollowedLog:
    """One log as the Import page shows it; `grown` is when it last grew, `problem` why it cannot be read."""

    file: str
    format: str
    run: str
    name: str
    live: bool
    grown: float
    problem: str


@dataclass(frozen=True)
class FollowedFolder:
    """A folder as the Import page shows it: how it is followed, its logs, and a sentence for each file that is none."""

    folder: str
    how: str
    logs: tuple[FollowedLog, ...] = ()
    no_logs: tuple[str, ...] = ()
    problem: str = ""


class LogFollower:
    """Takes in what changes below some folders, and rests in between, the longer the more it had to do.

    Every file is looked at now and then, changed or not: no lost event loses a row.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        folders: Iterable[str | os.PathLike[str]],
        *,
        pause: float = PAUSE,
        idle: float = IDLE,
    ):
        self.path, self.idle = store_path(path), idle
        self.roots = [Path(folder).expanduser().resolve() for folder in folders]
        self.folders: list[FollowedFolder] = []
        self._open: list[Folder] = []
        self._store: Store | None = None
        self._changed: set[Path] = set()
        self._whole = 0.0  # when all files are due to be looked at, on the monotonic clock
        self._changes: Changes | None = None
        self._how: dict[Path, str] = {}
        subject = f"following {', '.join(map(str, self.roots))}"
        self.worker = Worker(subject, self._run, log, pause=pause, share=SHARE, at_end=self._end)

    def start(self) -> LogFollower:
        if self.roots:
            _running[self.path] = self
            self.worker.start()
        return self

    def stop(self) -> None:
        self.worker.stop()
        _running.pop(self.path, None)

    def _run(self) -> float:
        if self._changes is None:
            self._changes = Changes(self._note, self.worker.report)
            self._how = {root: self._changes.follow(root) or f"looked at every {self.idle:g} s" for root in self.roots}
        began, busy = time.monotonic(), time.thread_time()
        changed, self._changed = self._changed, set()
        everything, due = began >= self._whole, self._whole
        self._whole = 0.0  # after a failure everything is looked at again
        if self._store is None:
            self._store = Store(self.path)
            self._open = [Folder(self._store, root) for root in self.roots]
        for folder in self._open:
            folder.look(None if everything else changed)
        self.folders = [_shown(folder, self._how[folder.root]) for folder in self._open]
        self._whole = began + max(self.idle, 10 * (time.thread_time() - busy)) if everything else due
        if any(folder.waiting for folder in self._open):
            return 0.0
        return max(0.0, self._whole - time.monotonic())

    def _note(self, path: Path, is_folder: bool) -> None:
        name = str(path).removesuffix("-wal")
        if not is_folder and not name.startswith(str(self.path)):  # our own writing must not wake us
            self._changed.add(Path(name))
            self.worker.wake()

    def _end(self) -> None:
        if self._changes is not None:
            self._changes.stop()
        if self._store is not None:
            self._store.close()


def followed(path: str | os.PathLike[str]) -> list[FollowedFolder]:
    """The folders that this server follows into the store at `path`, as they were at the last look."""
    found = _running.get(store_path(path))
    return found.folders or [FollowedFolder(str(root), "about to be read") for root in found.roots] if found else []


def followed_by_default() -> list[str]:
    """The folders that `BAROGRAPH_WATCH` names, as PATH does."""
    return [name for name in os.environ.get("BAROGRAPH_WATCH", "").split(os.pathsep) if name]


def _shown(folder: Folder, how: str) -> FollowedFolder:
    logs = []
    for one in folder.logs.values():
        run = (one.run.id, one.run.name) if one.run else ("", "")
        file = one.source.paths[0] if len(one.source.paths) == 1 else one.source.home
        name = str(file.relative_to(folder.root)) if file.is_relative_to(folder.root) else str(file)
        logs.append(FollowedLog(name, one.source.importer.FORMAT, *run, one.live, one.grown, one.trouble))
    logs.sort(key=lambda one: (not one.problem, not one.live, one.file))
    none = [sentence for sentence in list(folder.no_logs.values())[:SHOWN] if sentence]
    return FollowedFolder(
        str(folder.root), how, tuple(logs), tuple(none), "" if folder.root.is_dir() else "it is not there"
    )
