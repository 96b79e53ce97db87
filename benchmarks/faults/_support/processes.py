"""Processes that an attack starts, kills, or runs as another user, and the commands as a user types them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

STRANGERS = (65531, 65532)  # users that own nothing


def start(work: Callable[[], object], said: Path | None = None, user: int | None = None) -> int:
    """Does `work` in a process of its own and returns its pid; what it prints goes to the file `said`."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        out = os.open(said or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        os.dup2(out, 1)
        os.dup2(out, 2)
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        warnings.simplefilter("always")
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def ended(pid: int) -> int:
    """Waits for the end of a process: its status, negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed(pid: int) -> None:
    """Kills a process as the kernel does where memory is short."""
    os.kill(pid, signal.SIGKILL)
    ended(pid)


def run(work: Callable[[], object], said: Path | None = None, user: int | None = None) -> int:
    """Does `work` in a process of its own to its end."""
    return ended(start(work, said, user))


def command(*arguments: object) -> tuple[int, str]:
    """What a `barograph` command ends with and prints; a traceback is status 99."""
    from typer.testing import CliRunner

    from barograph.dashboard.commands._app import app

    done = CliRunner().invoke(app, [str(one) for one in arguments])
    odd = done.exception is not None and not isinstance(done.exception, SystemExit)
    return (99, f"{done.output}{done.exception!r}") if odd else (done.exit_code, done.output)


@contextlib.contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
