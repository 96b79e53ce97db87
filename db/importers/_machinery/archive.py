"""Unpacks the logs of a zip or tar archive, trusting neither its names nor its sizes.

Only plain files come out, each below the folder that was asked for; links, devices and whatever would stand elsewhere
stay behind. What is counted is what comes out, not what the archive says of itself: a bomb ends at the limit.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ....errors import StoreError
from ...exchange.names import plain

MOST_BYTES = 2 << 30
MOST_FILES = 10_000
_PIECE = 1 << 20
_BROKEN = (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, RuntimeError,
           NotImplementedError, ValueError)  # fmt: skip


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or tar archive by its content."""
    try:
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
    except _BROKEN:
        return False


def unpack(path: Path, folder: Path, *, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> list[str]:
    """Writes an archive's files below `folder`; a sentence for each that stays behind.

    StoreError where it cannot be read, or holds more than the limits allow.
    """
    left, kept, size = [], 0, 0
    called = plain(path.name)
    try:
        for name, file in _members(path):
            where = _inside(name, folder)
            if file is None or where is None:
                left.append(f"{plain(name)}: stays in {called}, it is no plain file inside of it")
                continue
            kept += 1
            if kept > most_files:
                raise StoreError(f"{called}: more than {most_files:,} files; unpack it and import its folder")
            where.parent.mkdir(parents=True, exist_ok=True)
            with file, open(where, "wb") as out:
                while piece := file.read(_PIECE):
                    size += len(piece)
                    if size > most_bytes:
                        raise StoreError(
                            f"{called}: more than {most_bytes / 1e6:,.0f} MB when unpacked; unpack it yourself and "
                            "import its folder"
                        )
                    out.write(piece)
    except StoreError:
        raise
    except _BROKEN as error:
        raise StoreError(f"{called}: the archive cannot be read ({plain(str(error), 200)})") from error
    return left


def _members(path: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    """(name, the file opened, None for what is no plain file)."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                link = member.external_attr >> 28 == 0xA
                if not member.is_dir():
                    yield member.filename, None if link else archive.open(member)
        return
    with tarfile.open(path) as tape:
        for entry in tape:
            if not entry.isdir():
                yield entry.name, tape.extractfile(entry) if entry.isreg() else None


def _inside(name: str, folder: Path) -> Path | None:
    """Where a member goes; None for a name that leads out of the folder, or is none."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in name or ":" in parts[0]:
        return None
    safe = [plain(part, 100).encode()[:200].decode(errors="ignore") for part in parts]
    where = folder.joinpath(*safe)
    return None if where.is_dir() or any(above.is_file() for above in where.parents) else where
