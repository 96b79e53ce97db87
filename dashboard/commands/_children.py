"""The processes that the commands start and end: the dashboard's server, and the demo's training."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ._address import answers

APP = Path(__file__).resolve().parents[1] / "web" / "app.py"
PATIENCE = 15.0  # seconds that a process has to end by itself


def dashboard(host: str, port: int) -> list[str]:
    """The command that serves the pages; theme and settings stand beside `APP`, in `.streamlit/config.toml`."""
    return _module("streamlit", "run", str(APP), f"--server.address={host}", f"--server.port={port}")


def training(store: Path, options: Mapping[str, object]) -> list[str]:
    """The command that trains the demo's model; options that are None keep their defaults."""
    words = [text for name, value in options.items() if value is not None for text in (f"--{name}", str(value))]
    return _module("barograph.collectors.demo", "--store", str(store), *words)


def _module(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", *words]  # -P: a folder `collectors` where the user stands is not ours


@contextlib.contextmanager
def started(
    command: Sequence[str], store: Path, *, quiet: bool = False, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, so that Ctrl-C reaches it once, by us; it has ended when the block is left."""
    environment = {**os.environ, "BAROGRAPH_STORE": str(store), **environment}
    output = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(
        command, env=environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=output
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Asks a process to end, and ends it where it does not."""
    for ask in (process.terminate, process.kill):
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                ask()
                process.wait(PATIENCE)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the block without a traceback; while it is left, none of them does.

    A signal that is ignored already stays so: `nohup` has the server outlive its terminal.
    """

    def interrupt(*_: object) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {one: signal.getsignal(one) for one in signals}
    signals = [one for one in signals if before[one] is not signal.SIG_IGN]
    for one in signals:
        signal.signal(one, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for one in signals:
            signal.signal(one, before[one])


def wait_for(host: str, port: int, process: subprocess.Popen[bytes], seconds: float = 60.0) -> bool:
    """Whether the server answers within this time."""
    limit = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < limit:
        if answers(host, port):
            return True
        time.sleep(0.1)
    return False
