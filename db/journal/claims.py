"""Gives each attempt of a run its number once: a file that only one process can create stands for a taken number.

Two jobs that resume one run at the same moment read the same last attempt; a file system that every writer sees
decides between them, without SQLite, which the training thread must not wait for.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..places.modes import create, make_folder

_SUFFIX = ".attempt"


def claim(folder: Path, run: str, lowest: int) -> int:
    """The first number from `lowest` on that no other process has taken; taken now.

    Where no file can be created (a full disk, say) it is `lowest`: training goes on, and nothing is decided.
    """
    number = lowest
    with contextlib.suppress(OSError):
        make_folder(folder)
        while True:
            try:
                os.close(create(folder / f"{run}.{number}{_SUFFIX}"))
                return number
            except FileExistsError:
                number += 1
    return lowest


def release(folder: Path, run: str, upto: int) -> None:
    """Removes the claims up to this attempt, which the tables hold; none while a journal of the run is left."""
    with contextlib.suppress(OSError):
        mine = [path for path in folder.iterdir() if path.name.startswith(run + ".")]
        if any(path.suffix == ".journal" for path in mine):
            return
        for path in mine:
            number = path.name.removeprefix(run + ".").removesuffix(_SUFFIX)
            if path.suffix == _SUFFIX and number.isdecimal() and int(number) <= upto:
                path.unlink(missing_ok=True)
