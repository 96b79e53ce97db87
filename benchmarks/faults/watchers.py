"""Three servers watch one store: one episode is one message."""

from __future__ import annotations

import http.server
import threading
import time
from pathlib import Path

from barograph.dashboard.services.background.watcher import Watcher
from barograph.db import Run, RunWriter
from benchmarks.faults._support.processes import killed, start
from benchmarks.faults._support.tally import Tally


def watch_on(path: Path) -> None:
    watcher = Watcher(path, pause=0.1, idle=0.5).start()
    time.sleep(3600)
    watcher.stop()


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
        path = place / "runs.db"
        try:
            watchers = [start(lambda path=path: watch_on(path)) for _ in range(3)]  # type: ignore[misc]
            threading.Thread(target=server.serve_forever, daemon=True).start()
            writer = RunWriter.open(path, Run("", "diverges"))
            for step in range(1, 301):
                writer.points(step, ("loss",), [float("nan") if step > 200 else 3.0 / step**0.5])
                time.sleep(0.005)
                if step % 50 == 0:
                    writer.tend()
            writer.close()
            end = time.monotonic() + 30
            while not said and time.monotonic() < end:
                time.sleep(0.1)
            time.sleep(3.0)  # for the others to say it too
        finally:
            for pid in watchers:
                killed(pid)
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
