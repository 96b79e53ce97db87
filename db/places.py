"""Where a store and its journals live, on what kind of file system, and whether a journal's writer still lives."""

from __future__ import annotations

import functools
import os
import socket
import time
from pathlib import Path

import psutil

from ..errors import StoreError

# On these, SQLite's write-ahead log is unsafe: a mapped page that another host truncates kills the reader.
NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "lustre",
    "gpfs",
    "beegfs",
    "ceph",
    "9p",
    "afs",
    "wekafs",
    "glusterfs",
}
NETWORK_FUSE = ("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.juicefs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone")
SILENT_SECONDS = 90.0  # a writer on another host that has not touched its journal for so long counts as dead


def store_path(url: str | os.PathLike) -> Path:
    """The file behind `runs.db`, `/data/runs.db` or `sqlite:///runs.db`."""
    text = os.fspath(url)
    if text.startswith("sqlite:///"):
        text = text[len("sqlite:///") :]
    elif "://" in text:
        raise StoreError(f"cannot open {text!r}: expected a path or sqlite:///PATH; give the store as a file")
    if not text or "\0" in text:
        raise StoreError(f"cannot open {text!r}: expected the path of a store, such as runs.db")
    return Path(text).expanduser().absolute()


def journal_folder(store: Path) -> Path:
    return store.with_name(store.name + ".journals")


def file_system(path: Path, mounts: str = "/proc/self/mounts") -> str:
    """The type of the file system that holds `path` (longest mount point above it); "" where nothing says so."""
    target, best, kind = str(path), -1, ""
    try:
        lines = Path(mounts).read_text().splitlines()
    except OSError:
        return ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ").rstrip("/") or "/"
        inside = point == "/" or target == point or target.startswith(point + "/")
        if inside and len(point) >= best:
            best, kind = len(point), fields[2]
    return kind


def on_network(path: Path) -> bool:
    """Whether the store's folder is shared between hosts; BAROGRAPH_NETWORK=1 or 0 overrules what the mounts say."""
    said = os.environ.get("BAROGRAPH_NETWORK")
    if said in ("0", "1"):
        return said == "1"
    kind = file_system(path.parent)
    return kind in NETWORK or kind.startswith(NETWORK_FUSE)


@functools.cache
def this_host() -> str:
    """This machine and process space: two containers with one host name do not take each other's pids for their own."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()} {space}".strip()


def this_process() -> dict:
    return {"host": this_host(), "pid": os.getpid(), "born": _born(os.getpid())}


def _born(pid: int) -> float:
    """When a process began, on a clock that nobody sets: ticks since the system's start where /proc has them."""
    try:
        return float(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    except OSError:
        return psutil.Process(pid).create_time()


def alive(process: dict, touched: float) -> bool:
    """Whether the process that wrote a journal lives: by its pid on this host, by the journal's age on another."""
    if process.get("host") != this_host():
        return time.time() - touched < SILENT_SECONDS
    try:
        pid = process["pid"]
        return abs(_born(pid) - process["born"]) < 0.5 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
