"""Tells people of what goes wrong, through Apprise: once an episode, not too often, with a link and a picture.

The services stand in `barograph.toml` (see `settings.py`). Sending is a thread's work: nobody waits for a service that
does not answer. What could not be sent is tried again later, a few times.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from ....db import Finding, Run, Store
from ...analysis.detectors.episodes import Episode
from .. import settings
from ..health import Health
from ..settings import Settings

log = logging.getLogger("barograph.alerts")
TRIES = 3
RETRY_SECONDS = 30.0
MOST_WORDS = 300  # characters of one finding's sentence


class NotSent(ValueError):
    """A service did not take a message; `reached`: how many did."""

    def __init__(self, sentence: str, reached: int):
        super().__init__(sentence)
        self.reached = reached


class Alerts:
    """Sends what `tell` is given, by a thread of its own that begins with the first alert."""

    def __init__(self, store: Store):
        self.store = store
        self._due: dict[str, tuple[Run, list[Episode]]] = {}  # what to tell, by run
        self._next: dict[str, float] = {}  # the earliest time of a run's next message
        # how grave an episode was when it was told, or tried often enough, by finding
        self._done: dict[tuple, int] = {}
        self._tries: dict[tuple, int] = {}
        self._said: set[str] = set()
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._ended = False
        self._thread: threading.Thread | None = None

    def tell(self, health: Health, wanted: Settings) -> None:
        """Sees to it that somebody is told of the run's new episodes; returns at once."""
        if not wanted.urls:
            return
        due = self._untold(health.run, new_episodes(health, wanted.severity))
        with self._lock:
            if due:
                self._due[health.run.id] = health.run, due
            else:
                self._due.pop(health.run.id, None)
        if due:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="barograph-alerts", daemon=True)
                self._thread.start()
            self._wake.set()

    def stop(self) -> None:
        """Ends the thread; a message that is under way is given a moment."""
        self._ended = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._ended:
            now = time.monotonic()
            with self._lock:
                ready = [run for run in self._due if self._next.get(run, 0.0) <= now]
                taken = [self._due.pop(run) for run in ready]
            for run, episodes in taken:
                try:
                    self._send(run, self._untold(run, episodes))
                except Exception as error:  # whatever it is, the next message may go
                    self._say(error)
            self._wake.wait(1.0 if self._due else None)
            self._wake.clear()

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
                self._say(error)
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
            self.store.told(run.id, findings)

    def _untold(self, run: Run, episodes: list[Episode]) -> list[Episode]:
        return [e for e in episodes if all(self._done.get((run.id, *f.key), -1) < e.severity for f in e.findings)]

    def _picture(self, run: Run, episode: Episode, folder: Path) -> Path | None:
        try:
            from .picture import png

            drawn = png(self.store, run.id, episode.first, episode.last)
        except Exception as error:  # an alert without its picture is one too
            self._say(error)
            return None
        if drawn is None:
            return None
        path = folder / "loss.png"
        path.write_bytes(drawn)
        return path

    def _say(self, error: Exception) -> None:
        sentence = str(error) if isinstance(error, ValueError) else repr(error)
        if sentence not in self._said:
            self._said.add(sentence)
            log.warning("%s", sentence)


def new_episodes(health: Health, least: int) -> list[Episode]:
    """The episodes at least so grave that nobody was told of as grave as they are, and that the user has not looked at.

    A kind that the user silenced in one part of the run stays silent there.
    """
    quiet = {(finding.kind, finding.part) for finding in health.findings if finding.judgement == "silenced"}
    out = []
    for episode in health.episodes:
        known = any(f.judgement or (f.told and f.severity >= episode.severity) for f in episode.findings)
        heard = {(finding.kind, finding.part) for finding in episode.findings} - quiet
        if episode.severity >= least and not known and heard:
            out.append(episode)
    return out


def message(run: Run, episode: Episode, more: int, link: str) -> tuple[str, str]:
    """Title and text of a message: what, since when, what to try, and where to look."""
    head: Finding = episode.headline
    name = _one_line(run.name, 80)
    lines = [_one_line(head.sentence, MOST_WORDS), _one_line(head.advice, MOST_WORDS)]
    lines.append(
        f"Run {name}, step {head.flagged:,}" + (f" of {run.steps_planned:,}" if run.steps_planned else "") + "."
    )
    if more:
        lines.append(f"{more} more {'episode' if more == 1 else 'episodes'} in this run.")
    if link:
        lines.append(f"{link}/Run?run={quote(run.id)}")
    return f"Barograph: {head.kind.replace('_', ' ')} in {name}", "\n".join(line for line in lines if line)


def send(urls: Iterable[str], title: str, body: str, picture: Path | None = None) -> None:
    """Sends a message to every service. NotSent in one sentence where one of them did not take it."""
    try:
        import apprise
    except ImportError:
        raise NotSent("alerts need Apprise: pip install apprise", 0) from None
    reached, wrong = 0, []
    for url in urls:
        service, one = url.partition(":")[0], apprise.Apprise()
        if not one.add(url):
            wrong.append(f"{service}: not an address that Apprise understands")
            continue
        with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as said:
            attached = {"attach": str(picture)} if picture is not None else {}
            if one.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT, **attached):
                reached += 1
            else:
                words = said.getvalue().strip().splitlines()
                wrong.append(f"{service}: {_one_line(words[0] if words else 'no answer', 200)}")
    if wrong:
        raise NotSent(f"an alert reached {reached} of {reached + len(wrong)} services ({'; '.join(wrong)})", reached)


def test(store: Path) -> str:
    """Sends a test message; a sentence that says where it went. ValueError with the reason where it did not."""
    wanted = settings.read(store)
    if not wanted.urls:
        raise ValueError(f"nobody to alert: {wanted.file} names no services; put urls under [alerts]")
    where = f"\n{wanted.link}/Health" if wanted.link else ""
    send(wanted.urls, "Barograph: a test", f"Alerts of this store arrive here.{where}")
    return f"Sent to {', '.join(wanted.services)}."


def _one_line(text: str, most: int) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
