"""Follows the store while the server runs, with or without a browser open."""

from __future__ import annotations

import logging
import os
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from ....db import Run
from ....db.places.lease import Lease
from ....db.places.paths import journal_folder, store_path
from ....errors import StoreError
from ...analysis.detectors.severity import Severity
from .. import forecasts, health, settings
from ..alerts.sender import Alerts
from ..forecasts import Forecasts
from ..health import Health, HealthChecks
from ..settings import Settings, SettingsError
from ..worker import Worker
from .changes import Changes

log = logging.getLogger("barograph.watcher")
RECENT = 10  # ended runs, the newest, that are examined when the watcher starts
PAUSE, IDLE = 1.0, 30.0  # seconds: at most one look a pause; without any sign of change, one look an idle time


@dataclass(frozen=True)
class _Opened:
    """What the watcher works with once there is a store."""

    forecasts: Forecasts
    healths: HealthChecks
    alerts: Alerts


class Watcher:
    """Looks at the store after each change: folds what dead writers left, keeps forecasts current, has the detectors
    look at what came, stops runs and alerts people where the settings ask for it.

    Of several watchers of one store one works, the others wait to take its place: nobody is alerted twice.
    Where nothing reports a change, as on many network file systems, it looks every `idle` seconds all the same.
    """

    def __init__(self, path: str | os.PathLike[str], *, pause: float = PAUSE, idle: float = IDLE):
        self.path, self.idle = store_path(path), idle
        self._opened: _Opened | None = None
        self._forecast_from: dict[str, Hashable] = {}  # running runs, and what their newest forecast was made from
        self._examined: set[str] = set()
        self._stopped: set[tuple[str, int]] = set()  # attempts that a rule has asked to stop
        self.worker = Worker(f"watching {self.path}", self._run, log, pause=pause, at_end=self._end)
        self._changes: Changes | None = None
        self._lease = Lease(journal_folder(self.path) / "watcher.lock")

    def start(self) -> Watcher:
        self.worker.start()
        return self

    def stop(self) -> None:
        self.worker.stop()
        if self._opened is not None:
            self._opened.alerts.stop()

    def look(self) -> None:
        """Folds the journals of dead writers and brings forecasts and health up to date.

        Nothing without a store, or while another watcher holds the lease.
        """
        opened = self._open()
        if opened is None or not self._lease.held():
            return
        try:
            opened.forecasts.store.fold()
        except StoreError as error:  # the disk is full, say: what is there can be looked at all the same
            self.worker.report(error)
        wanted = self._settings()
        runs = opened.forecasts.store.runs()
        for run in runs:
            if run.state == "running" or run.id in self._forecast_from:
                self._examine(opened, run, wanted)
                self._forecast(opened.forecasts, run)
        unseen = (run for run in runs[:RECENT] if run.state != "running" and run.id not in self._examined)
        for run in list(unseen)[:1]:  # that ended while nobody watched; one a look, and nobody is alerted
            self._examine(opened, run, Settings(settings.place(self.path)))
            self.worker.wake()

    def _open(self) -> _Opened | None:
        if self._opened is None and (self.path.exists() or journal_folder(self.path).is_dir()):
            shared = forecasts.shared(self.path)
            self._opened = _Opened(shared, health.shared(self.path), Alerts(shared.store))
        return self._opened

    def _settings(self) -> Settings:
        try:
            return settings.read(self.path)
        except SettingsError as error:
            self.worker.report(error)
            return Settings(settings.place(self.path))

    def _examine(self, opened: _Opened, run: Run, wanted: Settings) -> None:
        """Has the detectors look at what is new in a run, and does what the settings ask for."""
        self._examined.add(run.id)
        try:
            found = opened.healths.save(run.id)
            self._stop_by_rule(opened, found, wanted)
            opened.alerts.notify(found, wanted)
        except Exception as error:  # one run's odd data must not end the others' watch
            self.worker.report(error)

    def _stop_by_rule(self, opened: _Opened, found: Health, wanted: Settings) -> None:
        run = found.run
        if run.state != "running" or (run.id, run.attempt) in self._stopped:
            return
        for finding in found.findings:
            urgent = finding.open and finding.severity >= Severity.ACT and not finding.judgement
            if urgent and finding.kind in wanted.stop and finding.attempt == run.attempt:
                opened.healths.store.request_stop(run.id, f"rule for {finding.kind}: {finding.sentence}")
                self._stopped.add((run.id, run.attempt))
                return

    def _forecast(self, known: Forecasts, run: Run) -> None:
        """Makes and keeps a run's forecast when it has gone on far enough, and once more when it has ended."""
        key = known.key(run)
        if self._forecast_from.get(run.id) == key:
            return
        self._forecast_from[run.id] = key
        if run.state != "running":
            del self._forecast_from[run.id]
        try:
            known.save(run.id)
        except Exception as error:  # one run's odd data must not end the others' forecasts
            self.worker.report(error)

    def _run(self) -> float:
        if self._changes is None:
            self._changes = Changes(self._changed, self.worker.report)
            self._changes.follow(self.path.parent, recursive=False, poll=False)
        self.look()
        return self.idle

    def _changed(self, path: Path, is_folder: bool) -> None:
        if path.name.startswith(self.path.name):
            self.worker.wake()

    def _end(self) -> None:
        if self._changes is not None:
            self._changes.stop()
        self._lease.release()
