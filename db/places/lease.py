"""A lease on a job that one process at a time does for a store: a lock that dies with its holder."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import IO

from .modes import create, make_folder

try:
    import fcntl
except ImportError:  # Windows: every process does the job
    fcntl = None  # type: ignore[assignment]

UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # a file system without locks


class Lease:
    """The lease at `path`; not for several threads at once."""

    def __init__(self, path: Path):
        self.path = path
        self._file: IO[str] | None = None

    def held(self) -> bool:
        """Whether this process holds the lease, which it takes where nobody does.

        Who may not write beside the store does not get it; where locks are not supported everybody does.
        """
        if self._file is not None and not self._there(self._file):  # the store was deleted or moved: begin anew
            self.release()
        if self._file is None:
            try:
                make_folder(self.path.parent)
                with contextlib.suppress(FileExistsError):
                    os.close(create(self.path))
                file = open(self.path, "a", encoding="utf-8")  # noqa: SIM115  # open as long as the lease is held
            except OSError:
                return False
            if not _locked(file) or not self._there(file):
                file.close()
                return False
            self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _there(self, file: IO[str]) -> bool:
        """Whether the file that is open still is the one at the path."""
        with contextlib.suppress(OSError):
            return os.path.samestat(os.fstat(file.fileno()), os.stat(self.path))
        return False


def _locked(file: IO[str]) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in UNSUPPORTED
    return True
