"""A thread that does one job whenever it is woken, and after an interval all the same."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

RETRY = 3.0  # seconds after a failure, unless it is woken before
LONGEST = 3.0  # seconds of rest at most


class Worker:
    """Runs `job` in a thread of its own until `stop`; what the job raises is logged in one sentence, once a sentence.

    `job` returns after how many seconds it is to run again unless `wake` comes first; None waits for `wake`. Between
    two runs the thread rests `pause` seconds, and as long as keeps it within `share` of one core's time. `at_end` runs
    last, in the same thread. `subject` says in the log what was being done.
    """

    def __init__(
        self,
        subject: str,
        job: Callable[[], float | None],
        log: logging.Logger,
        *,
        pause: float = 0.0,
        share: float = 1.0,
        at_end: Callable[[], None] | None = None,
    ):
        self.subject, self.pause, self.share, self.log = subject, pause, share, log
        self._job, self._at_end = job, at_end
        self._woken, self._ended = threading.Event(), threading.Event()
        self._reported: set[str] = set()
        self._thread = threading.Thread(target=self._run, name=log.name, daemon=True)

    @property
    def started(self) -> bool:
        """Whether the thread has begun, be it over by now."""
        return self._thread.ident is not None

    @property
    def alive(self) -> bool:
        """Whether the thread runs now."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Has the job run again as soon as the pause is over; callable from any thread."""
        self._woken.set()

    def stop(self, seconds: float = 10.0) -> None:
        """Ends the thread, and waits so long for a run that is under way."""
        self._ended.set()
        self._woken.set()
        if self.started:
            self._thread.join(timeout=seconds)

    def report(self, error: Exception) -> None:
        """Logs what went wrong, each sentence once; an error that is no ValueError is a bug, so its class is named."""
        sentence = str(error) if isinstance(error, ValueError) else repr(error)
        if sentence not in self._reported:
            self._reported.add(sentence)
            self.log.warning("%s: %s", self.subject, sentence)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._woken.clear()
            busy = time.thread_time()
            try:
                again = self._job()
            except Exception as error:  # whatever it is, the next run may succeed
                self.report(error)
                again = RETRY
            busy = time.thread_time() - busy
            self._ended.wait(max(self.pause, min(busy * (1 / self.share - 1), LONGEST)))
            if not self._ended.is_set():
                self._woken.wait(again)
        if self._at_end is not None:
            self._at_end()
