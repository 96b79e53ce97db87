"""Whether the process that writes a journal is still alive."""

from __future__ import annotations

import functools
import os
import socket
import time
from pathlib import Path
from typing import Any

import psutil

SILENT_SECONDS = 90.0  # a writer on another host that has not touched its journal for so long counts as dead


@functools.cache
def this_host() -> str:
    """This machine and process space: two containers with one host name do not take each other's pids for their own."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()} {space}".strip()


def this_process() -> dict[str, Any]:
    return {"host": this_host(), "pid": os.getpid(), "born": _born(os.getpid())}


def _born(pid: int) -> float:
    """When a process began, on a clock that nobody sets: ticks since the system's start where /proc has them."""
    try:
        return float(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    except OSError:
        return psutil.Process(pid).create_time()


def died_as(process: dict[str, Any]) -> str:
    """How a run reads whose process ended without a word: "killed" on this host, "lost" where nobody can look."""
    return "killed" if process.get("host") == this_host() else "lost"


def alive(process: dict[str, Any], touched: float) -> bool:
    """Whether the process that wrote a journal lives: by its pid on this host, by the journal's age on another."""
    if process.get("host") != this_host():
        return time.time() - touched < SILENT_SECONDS
    try:
        pid = process["pid"]
        return abs(_born(pid) - process["born"]) < 0.5 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
