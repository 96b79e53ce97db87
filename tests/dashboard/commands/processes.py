"""Commands as real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[3]


@contextlib.contextmanager
def running(folder: Path, *words: object):
    """The command in a folder of its own; whatever it started is gone at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "barograph", *map(str, words)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=folder, env=environment, **streams)
    try:
        yield process
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True), process] if process.poll() is None else []
        for one in family:
            one.kill()
        process.communicate()


def answer(port: int, process: subprocess.Popen, seconds: float = 60) -> bytes:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and process.poll() is None:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
        time.sleep(0.1)
    raise AssertionError(
        f"no answer; the command said: {process.communicate()[0] if process.poll() is not None else ''}"
    )


def ended(process: subprocess.Popen, by: signal.Signals) -> str:
    """Sends a signal and returns what the command said; all that it started has ended with it."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(by)
    said = process.communicate(timeout=40)[0]
    assert family and not psutil.wait_procs(family, timeout=5)[1]
    assert "Traceback" not in said
    return said
