"""Which files change below some folders: reported by the operating system, or found by polling."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from ....db.places.file_system import on_network

POLL = 5.0  # seconds between two polls where the operating system reports no changes
READS = ("opened", "closed_no_write")


class Changes(FileSystemEventHandler):
    """Calls `changed(path, is_folder)` from a thread of watchdog's for whatever changes in the folders that it follows.

    The operating system does not report every change (network file systems, no watches left): callers must look for
    themselves now and then. `failed` hears why a way to observe a folder is not to be had.
    """

    def __init__(self, changed: Callable[[Path, bool], None], failed: Callable[[Exception], None]):
        self._changed, self._failed = changed, failed
        self._observers: list[Any] = []

    def follow(self, folder: Path, *, recursive: bool = True, poll: bool = True) -> str:
        """Follows a folder; how its changes are learnt of, in words, "" where they are not."""
        ways: list[tuple[Callable[[], Any], str]] = []
        if not poll or not on_network(folder / "any"):
            ways.append((Observer, "as it changes"))
        if poll:
            ways.append((lambda: PollingObserver(timeout=POLL), f"polled every {POLL:g} s"))
        for observer_of, how in ways:
            try:
                observer = observer_of()
                observer.schedule(self, str(folder), recursive=recursive)
                observer.start()
            except Exception as error:  # no more watches, or no such folder
                self._failed(error)
                continue
            self._observers.append(observer)
            return how
        return ""

    def stop(self) -> None:
        for observer in self._observers:
            observer.stop()
            observer.join(timeout=5)
        self._observers.clear()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in READS:
            for name in (event.src_path, event.dest_path):
                if name:
                    self._changed(Path(os.fsdecode(name)), event.is_directory)
