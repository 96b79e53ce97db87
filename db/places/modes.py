"""Who may read what a store is made of: its owner, unless the folder says that a group shares it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def mode_in(folder: Path) -> int:
    """The mode of a new file in a folder: 0600; with the group's bits where the folder is the group's.

    That is so where the group may write to it, or is handed down (setgid). A folder that all may write to is shared
    with all, except one like /tmp, where everybody has files of their own (the sticky bit).
    """
    found = folder.stat().st_mode
    if found & stat.S_IWOTH:
        return 0o600 if found & stat.S_ISVTX else 0o666
    if found & stat.S_IWGRP:
        return 0o660
    return 0o640 if found & stat.S_ISGID else 0o600


def make_folder(path: Path) -> None:
    """Makes the folder beside a store, for whoever the store is for; one that is there stays as it is."""
    if path.is_dir():
        return
    mode = mode_in(path.parent)
    mode |= (mode & 0o444) >> 2  # who may read may enter
    try:
        path.mkdir(mode)
    except FileExistsError:  # another process was first
        return
    _set(path, mode | (stat.S_ISGID if path.stat().st_mode & stat.S_ISGID else 0))


def create(path: Path, flags: int = 0) -> int:
    """Creates a file inside the folder beside a store, open for writing; it is shared as that folder is."""
    return _created(path, flags, 0o600 | path.parent.stat().st_mode & 0o066)


def create_store(path: Path) -> None:
    """Creates the empty file of a store; what cannot be created is left to whoever opens it."""
    with contextlib.suppress(OSError):
        os.close(_created(path, 0, mode_in(path.parent)))


def _created(path: Path, flags: int, mode: int) -> int:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | flags, mode)
    if mode != 0o600:  # the mask of this process would take the group's bits away
        _set(file, mode)
    return file


def _set(file: int | Path, mode: int) -> None:
    with contextlib.suppress(OSError):  # a file system without modes
        os.chmod(file, mode)
