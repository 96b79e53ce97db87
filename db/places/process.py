"""Whether the process that writes a journal is still alive.

A process of this host and process space is looked up. Of any other its lock on the journal tells: it dies with its
holder. The journal's age alone never says that a writer is dead: it may be stopped, or its machine asleep.
"""

from __future__ import annotations

import enum
import functools
import os
import socket
import time
from pathlib import Path
from typing import Any

import psutil

from .file_lock import held, locks_reach

SILENT_SECONDS = 90.0  # a writer that has not touched its journal for so long has ended, is stopped, or cut off


class Liveness(enum.Enum):
    """What is known of the process that writes a journal."""

    ALIVE = "alive"
    SILENT = "silent"  # not heard of for long, but nothing proves that it has ended: its journal stays
    DEAD = "dead"  # nobody will write to this journal again


@functools.cache
def this_host() -> str:
    """This machine and process space: two containers with one host name do not take each other's pids for their own."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()} {space}".strip()


def this_process() -> dict[str, Any]:
    return {"host": this_host(), "boot": this_boot(), "pid": os.getpid(), "born": _born(os.getpid())}


@functools.cache
def this_boot() -> str:
    """This start of this machine's system, the same in all its containers; "" where nothing tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _born(pid: int) -> float:
    """When a process began, on a clock that nobody sets: ticks since the system's start where /proc has them."""
    try:
        return float(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    except OSError:
        return psutil.Process(pid).create_time()


def died_as(process: dict[str, Any]) -> str:
    """How a run reads whose process ended without a word: "killed" on this host, "lost" where nobody can look."""
    return "killed" if process.get("host") == this_host() else "lost"


def liveness(process: dict[str, Any], path: Path) -> Liveness:
    """Whether the process that began the journal `path` still writes to it. FileNotFoundError where it is gone.

    Only the newest of a writer's journals is locked: ask of all of them before taking one for left.
    """
    near = process.get("boot", this_boot()) == this_boot()
    here = near and process.get("host") == this_host()
    if here and not _runs(process):
        return Liveness.DEAD
    if time.time() - path.stat().st_mtime < SILENT_SECONDS:
        return Liveness.ALIVE
    if not process:  # its beginning cannot be read
        return Liveness.DEAD
    if process.get("locked"):
        if held(path):
            return Liveness.ALIVE
        if near or locks_reach(path):
            return Liveness.DEAD  # where its process lives, it has ended this run without folding it
    return Liveness.ALIVE if here else Liveness.SILENT


def _runs(process: dict[str, Any]) -> bool:
    try:
        pid = process["pid"]
        return abs(_born(pid) - process["born"]) < 0.5 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
