"""Follows folders of logs while the server runs, so that a run that nobody instrumented is live, too."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from ....db import Store
from ....db.importers import Folder
from ....db.places import on_network

log = logging.getLogger("barograph.folders")
PAUSE, IDLE = 0.5, 30.0  # seconds: at most one look a pause; all files are looked at once an idle time
POLL = 5.0  # seconds between two polls where the operating system tells of no changes
SHARE, LONGEST = 0.25, 3.0  # of one core's time at most; seconds of rest, at most
SHOWN = 200  # files that are no logs, by name

_at_work: dict[Path, Folders] = {}


@dataclass(frozen=True)
class Followed:
    """One log as the Import page shows it."""

    file: str
    format: str
    run: str
    name: str
    live: bool
    grown: float
    trouble: str


@dataclass(frozen=True)
class State:
    """A folder as the Import page shows it: how it is followed, its logs, and a sentence for each file that is none."""

    folder: str
    how: str
    logs: tuple[Followed, ...]
    no_logs: tuple[str, ...]
    trouble: str


class Folders(FileSystemEventHandler):
    """One thread that takes in what changes below some folders, and rests in between, the longer the more it had to do.

    Changes are told by the operating system (watchdog). On network file systems, and where it has no more watches to
    give, they are found by polling. Every file is looked at now and then all the same: no lost event loses a row.
    """

    def __init__(self, path: str | os.PathLike, folders: Iterable[str | os.PathLike], *, pause=PAUSE, idle=IDLE):
        self.path = Path(str(path).removeprefix("sqlite:///")).absolute()
        self.roots = [Path(folder).expanduser().resolve() for folder in folders]
        self.pause, self.idle = pause, idle
        self.states: list[State] = []
        self._changed: set[Path] = set()
        self._woken, self._ended = threading.Event(), threading.Event()
        self._said: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="barograph-folders", daemon=True)

    def start(self) -> Folders:
        if self.roots:
            _at_work[self.path] = self
            self._thread.start()
        return self

    def stop(self) -> None:
        if self.roots:
            self._ended.set()
            self._woken.set()
            self._thread.join(timeout=10)
            _at_work.pop(self.path, None)

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory or event.event_type in ("opened", "closed_no_write"):
            return
        for name in filter(None, (event.src_path, event.dest_path)):
            path = os.fsdecode(name).removesuffix("-wal")
            if not path.startswith(str(self.path)):  # our own writing must not wake us
                self._changed.add(Path(path))
                self._woken.set()

    def _run(self) -> None:
        observers, how = self._observe()
        store, folders, whole = None, [], 0.0
        while not self._ended.is_set():
            began, busy = time.monotonic(), time.thread_time()
            self._woken.clear()
            changed, self._changed = self._changed, set()
            try:
                if store is None:
                    store = Store(self.path)
                    folders = [Folder(store, root) for root in self.roots]
                everything = began >= whole
                for folder in folders:
                    folder.look(None if everything else changed)
                self.states = [_state(folder, how[folder.root]) for folder in folders]
                busy = time.thread_time() - busy
                if everything:
                    whole = began + max(self.idle, 10 * busy)
            except Exception as error:  # whatever it is, the next look may succeed
                self._say(error)
                busy, whole = 1.0, 0.0
            self._ended.wait(max(self.pause, min(busy * (1 / SHARE - 1), LONGEST)))
            if not any(folder.waiting for folder in folders):
                self._woken.wait(max(0.0, whole - time.monotonic()))
        for observer in observers:
            observer.stop()
            observer.join(timeout=5)
        if store is not None:
            store.close()

    def _observe(self) -> tuple[list, dict[Path, str]]:
        """Observers at work, and how each folder's changes are told."""
        observers, how = [], {}
        for root in self.roots:
            kinds = [] if on_network(root / "any") else [(Observer, "as it changes")]
            for kind, name in (*kinds, (lambda: PollingObserver(timeout=POLL), f"polled every {POLL:g} s")):
                try:
                    observer = kind()
                    observer.schedule(self, str(root), recursive=True)
                    observer.start()
                except Exception as error:  # no more watches, or no such folder
                    self._say(error)
                    continue
                observers.append(observer)
                how[root] = name
                break
            else:
                how[root] = f"looked at every {self.idle:g} s"
        return observers, how

    def _say(self, error: Exception) -> None:
        kind = str(error) if isinstance(error, ValueError) else repr(error)
        if kind not in self._said:
            self._said.add(kind)
            log.warning("following %s: %s", ", ".join(map(str, self.roots)), kind)


def at_work(path: str | os.PathLike) -> list[State]:
    """The folders that this server follows into the store at `path`, as they were at the last look."""
    found = _at_work.get(Path(str(path).removeprefix("sqlite:///")).absolute())
    return found.states or [State(str(root), "about to be read", (), (), "") for root in found.roots] if found else []


def wanted() -> list[str]:
    """The folders that `BAROGRAPH_WATCH` names, as PATH does."""
    return [name for name in os.environ.get("BAROGRAPH_WATCH", "").split(os.pathsep) if name]


def _state(folder: Folder, how: str) -> State:
    logs = []
    for one in folder.logs.values():
        run = (one.run.id, one.run.name) if one.run else ("", "")
        file = one.source.paths[0] if len(one.source.paths) == 1 else one.source.home
        name = str(file.relative_to(folder.root)) if file.is_relative_to(folder.root) else str(file)
        logs.append(Followed(name, one.source.importer.FORMAT, *run, one.live, one.grown, one.trouble))
    logs.sort(key=lambda one: (not one.trouble, not one.live, one.file))
    none = [sentence for sentence in list(folder.no_logs.values())[:SHOWN] if sentence]
    return State(str(folder.root), how, tuple(logs), tuple(none), "" if folder.root.is_dir() else "it is not there")
