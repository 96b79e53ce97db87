"""Three servers watch one store: one episode is one message."""

from __future__ import annotations

import http.server
import threading
import time
from pathlib import Path

from barograph.dashboard.services.background.watcher import Watcher
from barograph.db import Run, RunWriter
from benchmarks.faults._support.processes import ended, start
from benchmarks.faults._support.tally import Tally

PATIENCE = 120.0  # seconds for a message to come


class Counted(Watcher):
    """Adds a byte to a file after each look."""

    def __init__(self, path: Path, looks: Path):
        super().__init__(path, pause=0.1, idle=0.5)
        self.looks = looks

    def look(self) -> None:
        super().look()
        with open(self.looks, "ab") as file:
            file.write(b".")


def watch_on(path: Path, looks: Path, end: Path) -> None:
    """Watches until the file `end` is there; what is to be sent then still goes."""
    watcher = Counted(path, looks).start()
    while not end.exists():
        time.sleep(0.05)
    watcher.stop()


def more_looks(files: list[Path]) -> None:
    """Waits until each watcher has begun and ended a look from now on."""
    before = [_size(file) for file in files]
    limit = time.monotonic() + PATIENCE
    while any(_size(file) < old + 2 for file, old in zip(files, before, strict=True)) and time.monotonic() < limit:
        time.sleep(0.05)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for number in range(1 if quick else 4):
        place = folder / str(number)
        place.mkdir()
        said: list[bytes] = []
        watchers: list[int] = []
        server = _receiver(said)
        (place / "barograph.toml").write_text(
            f'[alerts]\nurls = ["json://127.0.0.1:{server.server_address[1]}/"]\ninterval = 0\n'
        )
        path, end = place / "runs.db", place / "end"
        looks = [place / f"{one}.looks" for one in range(3)]
        try:
            watchers = [start(lambda p=path, f=file, e=end: watch_on(p, f, e)) for file in looks]  # type: ignore[misc]
            threading.Thread(target=server.serve_forever, daemon=True).start()
            writer = RunWriter.open(path, Run("", "diverges"))
            for step in range(1, 301):
                writer.points(step, ("loss",), [float("nan") if step > 200 else 3.0 / step**0.5])
                if step % 100 == 0:
                    more_looks(looks)  # of a run that goes on: who ended unseen alerts nobody
            limit = time.monotonic() + PATIENCE
            while not said and time.monotonic() < limit:
                time.sleep(0.05)
            writer.close()
            more_looks(looks)
        finally:
            end.touch()
            for pid in watchers:
                ended(pid)
            server.shutdown()
            server.server_close()
        tally.count(len(said) == 1, f"{len(said)} messages: {[one[:80] for one in said]}")
    return tally


def _receiver(said: list[bytes]) -> http.server.ThreadingHTTPServer:
    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(self.rfile.read(int(self.headers.get("content-length", 0))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
