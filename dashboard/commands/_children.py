"""The processes that the commands start and end: the dashboard's server, and the demo's training."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...errors import StoreError

APP = Path(__file__).resolve().parents[1] / "web" / "app.py"
PATIENCE = 15.0  # seconds that a process has to end by itself


def dashboard(host: str, port: int) -> list[str]:
    """The command that serves the pages; theme and settings stand beside `APP`, in `.streamlit/config.toml`."""
    return _module("streamlit", "run", str(APP), f"--server.address={host}", f"--server.port={port}")


def training(store: Path, options: dict[str, object]) -> list[str]:
    """The command that trains the demo's model; options that are None keep their defaults."""
    said = [text for name, value in options.items() if value is not None for text in (f"--{name}", str(value))]
    return _module("barograph.collectors.demo", "--store", str(store), *said)


def _module(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", *words]  # -P: a folder `collectors` where the user stands is not ours


def require_free(host: str, port: int) -> None:
    """StoreError where something listens at this address already, or where it is none of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise StoreError(f"port {port} on {host} {why}; choose another with --port, or another --host") from error


def answers(host: str, port: int) -> bool:
    """Whether a server listens there."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    with contextlib.suppress(OSError), socket.create_connection((near, port), timeout=1.0):
        return True
    return False


def address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


@contextlib.contextmanager
def started(
    command: Sequence[str], store: Path, *, quiet: bool = False, **environment: str
) -> Iterator[subprocess.Popen]:
    """A process in a session of its own, so that Ctrl-C reaches it once, by us; it has ended when the block is left."""
    environment = {**os.environ, "BAROGRAPH_STORE": str(store), **environment}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL if quiet else None}
    process = subprocess.Popen(command, env=environment, start_new_session=True, **streams)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """Asks a process to end, and ends it where it does not."""
    for ask in (process.terminate, process.kill):
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                ask()
                process.wait(PATIENCE)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the block without a traceback; while it is left, none of them does."""

    def interrupt(*_: object) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {one: signal.signal(one, interrupt) for one in signals}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def wait_for(host: str, port: int, process: subprocess.Popen, seconds: float = 60.0) -> bool:
    """Whether the server answers within this time."""
    limit = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < limit:
        if answers(host, port):
            return True
        time.sleep(0.1)
    return False
