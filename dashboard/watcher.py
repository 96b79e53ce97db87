"""Follows the store while the server runs, with or without a browser open."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from db import Run, StoreError

from .outlook import Outlooks, shared

log = logging.getLogger("barograph.watcher")
PAUSE, IDLE = 1.0, 30.0  # seconds: at most one look a pause; without any sign of change, one look an idle time


class Watcher(FileSystemEventHandler):
    """One thread that looks at the store after each change: folds what dead writers left, keeps forecasts current.

    Changes are told by the operating system (watchdog); where it cannot, as on many network file systems, the thread
    looks every `idle` seconds all the same. Whatever fails is logged once per kind, and it goes on.
    """

    def __init__(self, path: str | os.PathLike, *, pause: float = PAUSE, idle: float = IDLE):
        self.path = Path(str(path).removeprefix("sqlite:///")).absolute()
        self.pause, self.idle = pause, idle
        self._outlooks: Outlooks | None = None
        self._followed: dict[str, tuple] = {}  # running runs, and what their forecast was made at
        self._changed, self._ended = threading.Event(), threading.Event()
        self._said: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="barograph-watcher", daemon=True)

    def start(self) -> Watcher:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._ended.set()
        self._changed.set()
        self._thread.join(timeout=10)

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write") and Path(os.fsdecode(event.src_path)).name.startswith(
            self.path.name
        ):
            self._changed.set()

    def look(self) -> None:
        """Folds the journals of dead writers and brings forecasts up to date; no store yet is nothing to do."""
        if self._outlooks is None:
            if not self.path.exists() and not Path(f"{self.path}.journals").is_dir():
                return
            self._outlooks = shared(self.path)
        self._outlooks.store.fold()
        for run in self._outlooks.store.runs():
            if run.state == "running" or run.id in self._followed:
                self._follow(run)

    def _follow(self, run: Run) -> None:
        """Makes and keeps a run's forecast when it has gone on far enough, and once more when it has ended."""
        key = self._outlooks.key(run)
        if self._followed.get(run.id) == key:
            return
        self._followed[run.id] = key
        if run.state != "running":
            del self._followed[run.id]
        try:
            self._outlooks.keep(run.id)
        except Exception as error:  # one run's odd data must not end the others' forecasts
            self._say(error)

    def _run(self) -> None:
        observer = self._observe()
        while not self._ended.is_set():
            try:
                self.look()
            except Exception as error:  # whatever it is, the next look may succeed
                self._say(error)
            self._ended.wait(self.pause)
            self._changed.wait(self.idle)
            self._changed.clear()
        if observer is not None:
            observer.stop()
            observer.join(timeout=5)

    def _observe(self):
        try:
            observer = Observer()
            observer.schedule(self, str(self.path.parent))
            observer.start()
            return observer
        except Exception as error:
            self._say(error)
            return None

    def _say(self, error: Exception) -> None:
        kind = str(error) if isinstance(error, StoreError) else repr(error)
        if kind not in self._said:
            self._said.add(kind)
            log.warning("watching %s: %s", self.path, kind)


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[dict]:
    """Starts the watcher with the server and ends it with it."""
    watcher = Watcher(os.environ.get("BAROGRAPH_STORE", "runs.db")).start()
    try:
        yield {"watcher": watcher}
    finally:
        watcher.stop()
