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

from ....db import Run
from ...analysis.detectors.finding import Severity
from .. import health, settings
from ..alerts.sender import Alerts
from ..forecasts import Outlooks, shared
from ..health import Health, Healths
from ..settings import Settings
from . import log_follower as folders

log = logging.getLogger("barograph.watcher")
RECENT = 10  # ended runs, the newest, that are examined when the watcher starts
PAUSE, IDLE = 1.0, 30.0  # seconds: at most one look a pause; without any sign of change, one look an idle time


class Watcher(FileSystemEventHandler):
    """One thread that looks at the store after each change: folds what dead writers left, keeps forecasts current, has
    the detectors look at what came, stops runs and alerts people where the settings say so.

    Changes are told by the operating system (watchdog); where it cannot, as on many network file systems, the thread
    looks every `idle` seconds all the same. Whatever fails is logged once per kind, and it goes on.
    """

    def __init__(self, path: str | os.PathLike, *, pause: float = PAUSE, idle: float = IDLE):
        self.path = Path(str(path).removeprefix("sqlite:///")).absolute()
        self.pause, self.idle = pause, idle
        self._outlooks: Outlooks | None = None
        self._healths: Healths | None = None
        self._alerts: Alerts | None = None
        self._followed: dict[str, tuple] = {}  # running runs, and what their forecast was made at
        self._examined: set[str] = set()
        self._stopped: set[tuple[str, int]] = set()  # attempts that a rule has asked to stop
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
        if self._alerts is not None:
            self._alerts.stop()

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
            self._outlooks, self._healths = shared(self.path), health.shared(self.path)
            self._alerts = Alerts(self._outlooks.store)
        self._outlooks.store.fold()
        wanted = self._settings()
        runs = self._outlooks.store.runs()
        for run in runs:
            if run.state == "running" or run.id in self._followed:
                self._examine(run, wanted)
                self._follow(run)
        unseen = (run for run in runs[:RECENT] if run.state != "running" and run.id not in self._examined)
        for run in list(unseen)[:1]:  # that ended while nobody watched; one a look, and nobody is alerted
            self._examine(run, Settings(settings.place(self.path)))
            self._changed.set()

    def _settings(self) -> Settings:
        try:
            return settings.read(self.path)
        except ValueError as error:
            self._say(error)
            return Settings(settings.place(self.path))

    def _examine(self, run: Run, wanted: Settings) -> None:
        """Has the detectors look at what is new in a run, and does what the settings ask for."""
        self._examined.add(run.id)
        try:
            found = self._healths.keep(run.id)
            self._stop_by_rule(found, wanted)
            self._alerts.tell(found, wanted)
        except Exception as error:  # one run's odd data must not end the others' watch
            self._say(error)

    def _stop_by_rule(self, found: Health, wanted: Settings) -> None:
        run = found.run
        if run.state != "running" or (run.id, run.attempt) in self._stopped:
            return
        for finding in found.findings:
            grave = finding.open and finding.severity >= Severity.ACT and not finding.judgement
            if grave and finding.kind in wanted.stop and finding.attempt == run.attempt:
                self._healths.store.request_stop(run.id, f"rule for {finding.kind}: {finding.sentence}")
                self._stopped.add((run.id, run.attempt))
                return

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
        kind = str(error) if isinstance(error, ValueError) else repr(error)
        if kind not in self._said:
            self._said.add(kind)
            log.warning("watching %s: %s", self.path, kind)


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[dict]:
    """Starts the watcher, and whatever follows folders of logs, with the server and ends them with it."""
    path = os.environ.get("BAROGRAPH_STORE", "runs.db")
    watcher, followed = Watcher(path).start(), folders.Folders(path, folders.wanted()).start()
    try:
        yield {"watcher": watcher}
    finally:
        followed.stop()
        watcher.stop()
