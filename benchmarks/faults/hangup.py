"""A terminal closes: a server that was started with nohup goes on, another ends with it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from barograph.collectors import watch
from benchmarks.faults._support.tally import Tally


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as told:
        return bool(told.status == 200)
    return False


def attack(folder: Path, quick: bool) -> Tally:
    tally, path = Tally(), folder / "runs.db"
    with watch(store=path, name="run") as run:
        run.log(loss=1.0, step=1)
    for number in range(2 if quick else 6):
        nohup, port = number % 2 == 0, free_port()
        words = [sys.executable, "-m", "barograph", "serve", "--store", str(path), "--port", str(port)]
        server = subprocess.Popen(
            [*(["nohup"] if nohup else []), *words], cwd=folder, env=os.environ | {"PYTHONPATH": os.getcwd()},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            end = time.monotonic() + 180
            while not (up := answers(port)) and server.poll() is None and time.monotonic() < end:
                time.sleep(0.1)
            os.killpg(server.pid, signal.SIGHUP)  # as the kernel tells all that the terminal ran
            if nohup:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(3)
            else:
                server.wait(120)
            held = up and (server.poll() is None and answers(port) if nohup else not answers(port))
            tally.count(held, f"nohup: {nohup}, came up: {up}, status: {server.poll()}")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)
    return tally
