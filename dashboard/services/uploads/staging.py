"""Uploaded files, and what archives among them hold, in a folder beside the store until they are imported."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ....db.exchange.names import plain
from ....db.importers import archive
from ....db.places.modes import make_folder
from ....errors import StoreError

LONGEST = 120  # bytes of a file's name
KEPT = 86_400.0  # seconds that an upload nobody decided upon lies there


def place(store: Path) -> Path:
    """The folder beside a store where uploads lie until they are imported."""
    return store.with_name(store.name + ".uploads")


def stage(store: Path, files: Iterable[tuple[str, BinaryIO]]) -> tuple[Path, list[str]]:
    """Puts uploaded files, and what archives among them hold, into a folder of their own.

    Returns it and a sentence for each thing that stayed behind. StoreError where there is no room for them.
    """
    folder = place(store) / secrets.token_hex(8)
    notes: list[str] = []
    try:
        make_folder(place(store))  # private, as the store is
        folder.mkdir()
        for old in place(store).iterdir():
            if old != folder and time.time() - old.stat().st_mtime > KEPT:
                shutil.rmtree(old, ignore_errors=True)
        for name, file in files:
            path = _free(folder / _safe(name))
            with open(path, "wb") as out:
                shutil.copyfileobj(file, out, 1 << 20)
            if archive.is_archive(path):
                inside = _free(folder / _safe(path.name.split(".")[0]))
                try:
                    notes += archive.unpack(path, inside)
                except StoreError as error:
                    notes.append(str(error))
                    shutil.rmtree(inside, ignore_errors=True)
                path.unlink()
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StoreError(f"the upload cannot be put into {place(store)} ({error.strerror})") from error
    return folder, notes


def drop(folder: Path) -> None:
    """Removes an upload."""
    shutil.rmtree(folder, ignore_errors=True)


def _safe(name: str) -> str:
    """The last part of a name, without what a file system or a search of the folder would stumble over."""
    last = plain(PurePosixPath(name.replace("\\", "/")).name).lstrip(". ") or "log"
    stem, dot, ending = last.rpartition(".")
    if not stem or len(ending) > 20:
        stem, dot, ending = last, "", ""
    return stem.encode()[: LONGEST - len(ending.encode()) - 8].decode(errors="ignore") + dot + ending


def _free(path: Path) -> Path:
    n, free = 1, path
    while free.exists():
        n += 1
        free = path.with_name(f"{path.stem} ({n}){path.suffix}")
    return free
