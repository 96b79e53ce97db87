"""A lock on a file that dies with whoever holds it, and can be seen without being taken.

Linux's open-file-description locks on one byte far behind the data: another process space sees them, closing another
handle does not drop them, and file systems that make locks mandatory (SMB) still let the data be read.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import psutil

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # asked for by `_command`

_FLOCK = struct.Struct("hhqqi0q")  # struct flock of 64-bit Linux: type, whence, start, length, pid
_BYTE = 1 << 62
# Between machines these have no common locks, or none that is on by itself.
_OWN_LOCKS = {"9p", "afs", "virtiofs", "vboxsf", "prl_fs"}
_OWN_LOCK_OPTIONS = {"nolock", "local_lock=all", "local_lock=posix", "localflock", "nobrl"}


def hold(file: int) -> bool:
    """Locks a file that is open for writing until it is closed by all that have it open; False where that cannot be."""
    return _ask("F_OFD_SETLK", "F_WRLCK", file) is not None


def let_go(file: int) -> None:
    """Ends `hold`, also for forked children that have the file open."""
    _ask("F_OFD_SETLK", "F_UNLCK", file)


def held(path: Path) -> bool:
    """Whether somebody holds the lock of a file; False also where nothing tells."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        answer = _ask("F_OFD_GETLK", "F_RDLCK", file)
    finally:
        os.close(file)
    return answer is not None and answer != fcntl.F_UNLCK


def _ask(command: str, kind: str, file: int) -> int | None:
    """The kind of lock that the system answers with; None where it refuses, or has no such locks."""
    if not hasattr(fcntl, command):
        return None
    try:
        request = _FLOCK.pack(getattr(fcntl, kind), os.SEEK_SET, _BYTE, 1, 0)
        answer: int = _FLOCK.unpack(fcntl.fcntl(file, getattr(fcntl, command), request))[0]
    except OSError:
        return None
    return answer


def locks_reach(path: Path) -> bool:
    """Whether a lock on this file is seen by other machines that have it mounted, or there can be none."""
    target, best, found = str(path), -1, ("", "")
    try:
        mounts = psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return False
    for mount in mounts:
        point = mount.mountpoint.rstrip("/")
        if len(point) >= best and (target + "/").startswith(point + "/"):
            best, found = len(point), (mount.fstype, mount.opts)
    kind, options = found
    return kind not in _OWN_LOCKS and not kind.startswith("fuse") and not _OWN_LOCK_OPTIONS & set(options.split(","))
