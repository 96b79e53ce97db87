"""Alerts people of what goes wrong: once an episode, not too often, with a link and a picture.

The services stand in `barograph.toml` (see `settings.py`). Sending is a thread's work: nobody waits for a service that
does not answer. What could not be sent is tried again later, a few times.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from pathlib import Path

from ....db import Run, Store
from ...analysis.detectors.episodes import Episode
from .. import settings
from ..health import Health
from ..settings import Settings
from ..worker import Worker
from .delivery import NotSent, send
from .message import message, new_episodes
from .picture import png

log = logging.getLogger("barograph.alerts")
TRIES = 3
RETRY_SECONDS = 30.0


class Alerts:
    """Sends messages of the episodes that `notify` is given, by a thread that begins with the first of them."""

    def __init__(self, store: Store):
        self.store = store
        self._due: dict[str, tuple[Run, list[Episode]]] = {}  # what to send, by run
        self._next: dict[str, float] = {}  # the earliest time of a run's next message
        # the severity at which an episode was sent, or tried often enough, by finding
        self._done: dict[tuple, int] = {}
        self._tries: dict[tuple, int] = {}
        self._lock = threading.Lock()
        self.worker = Worker("alerting", self._run, log)

    def notify(self, health: Health, wanted: Settings) -> None:
        """Sees to it that somebody hears of the run's new episodes; returns at once."""
        if not wanted.urls:
            return
        due = self._not_sent(health.run, new_episodes(health, wanted.severity))
        with self._lock:
            if due:
                self._due[health.run.id] = health.run, due
            else:
                self._due.pop(health.run.id, None)
        if due:
            if not self.worker.started:
                self.worker.start()
            self.worker.wake()

    def stop(self) -> None:
        """Ends the thread; a message that is under way is given a moment."""
        self.worker.stop(5)

    def _run(self) -> float | None:
        now = time.monotonic()
        with self._lock:
            ready = [run for run in self._due if self._next.get(run, 0.0) <= now]
            taken = [self._due.pop(run) for run in ready]
        for run, episodes in taken:
            try:
                self._send(run, self._not_sent(run, episodes))
            except Exception as error:  # whatever it is, the next message may go
                self.worker.report(error)
        return 1.0 if self._due else None

    def _send(self, run: Run, episodes: list[Episode]) -> None:
        if not episodes:
            return
        self._next[run.id] = time.monotonic() + RETRY_SECONDS
        wanted = settings.read(self.store.path)
        head = max(episodes, key=lambda episode: (episode.severity, episode.headline.confidence))
        title, body = message(run, head, len(episodes) - 1, wanted.link)
        failure = None
        with tempfile.TemporaryDirectory() as folder:
            try:
                send(wanted.urls, title, body, self._picture(run, head, Path(folder)))
            except NotSent as error:
                failure = error
                self.worker.report(error)
        self._next[run.id] = time.monotonic() + (wanted.interval if failure is None else RETRY_SECONDS)
        findings = [finding for episode in episodes for finding in episode.findings]
        keys = {(run.id, *finding.key) for finding in findings}
        tries = self._tries[run.id, *head.headline.key] = self._tries.get((run.id, *head.headline.key), 0) + 1
        if failure is None or failure.reached or tries >= TRIES:
            self._done |= dict.fromkeys(keys, head.severity)
        else:
            with self._lock:
                self._due.setdefault(run.id, (run, episodes))
        if failure is None or failure.reached:
            self.store.findings.mark_alerted(run.id, findings)

    def _not_sent(self, run: Run, episodes: list[Episode]) -> list[Episode]:
        return [e for e in episodes if all(self._done.get((run.id, *f.key), -1) < e.severity for f in e.findings)]

    def _picture(self, run: Run, episode: Episode, folder: Path) -> Path | None:
        try:
            drawn = png(self.store, run.id, episode.first, episode.last)
        except Exception as error:  # an alert without its picture is one too
            self.worker.report(error)
            return None
        if drawn is None:
            return None
        path = folder / "loss.png"
        path.write_bytes(drawn)
        return path
