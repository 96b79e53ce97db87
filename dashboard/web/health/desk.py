"""Examines runs in the background, so that no page waits for detectors longer than a moment."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError

import streamlit as st

from ....db.records import Run
from ...services.health import Health, HealthChecks, shared
from .. import cache

PATIENCE = 0.3, 0.15  # seconds that a page waits for a first examination, and for a newer one


class Desk:
    """Examines runs in a thread of its own, one at a time, and keeps the last result of each."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "barograph-health")
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Health]] = {}
        self._seen: dict[str, Health] = {}

    def ask(self, known: HealthChecks, run: str) -> Health | None:
        """The newest health of a run that can be had soon; None where the first examination takes longer."""
        with self._lock:
            asked = self._asked.get(run)
            if asked is None or asked.done():
                asked = self._asked[run] = self._pool.submit(known.of, run)
            seen = self._seen.get(run)
        try:
            found = asked.result(PATIENCE[seen is not None])
        except TimeoutError:
            return seen
        with self._lock:
            self._seen[run] = found
        return found


@st.cache_resource(show_spinner=False)
def _desk(url: str) -> Desk:
    return Desk()


def healths() -> HealthChecks:
    """The healths of the store in use, the same for all viewers and the watcher."""
    return shared(cache.store_path())


def health(run: Run) -> Health | None:
    """A run's health as of now, or of a moment ago while it is brought up to date; None while it is first examined.

    Raises StoreError where the store cannot be read.
    """
    return _desk(cache.path()).ask(healths(), run.id)
