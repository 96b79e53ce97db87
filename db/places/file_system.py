"""The file system that a store lies on: whether several hosts share it, and whether it is full."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil

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
ROOM = 64 << 10  # bytes
NETWORK_FUSE = ("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.juicefs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone")


def file_system(path: Path) -> str:
    """The type of the file system that holds `path` (longest mount point above it); "" where nothing tells."""
    target, best, kind = str(path), -1, ""
    try:
        mounts = psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return ""
    for mount in mounts:
        point = mount.mountpoint.rstrip("/") or "/"
        inside = point == "/" or target == point or target.startswith(point + "/")
        if inside and len(point) >= best:
            best, kind = len(point), mount.fstype
    return kind


def full(path: Path) -> bool:
    """Whether the disk that holds `path` has no room left for what SQLite needs beside a store to read it."""
    try:
        return shutil.disk_usage(path.parent).free < ROOM
    except OSError:
        return False


def on_network(path: Path) -> bool:
    """Whether the store's folder is shared between hosts; BAROGRAPH_NETWORK=1 or 0 overrides the mount table."""
    override = os.environ.get("BAROGRAPH_NETWORK")
    if override in ("0", "1"):
        return override == "1"
    kind = file_system(path.parent)
    return kind in NETWORK or kind.startswith(NETWORK_FUSE)
