"""What is to be imported: the files of one run, found in folders by the importers that know their format."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from ....errors import StoreError
from ....plugins import modules
from ...exchange.names import plain
from ...exchange.notes import MARK
from .batch import Batch
from .lines import Meter

HEAD = 1 << 16  # bytes by which a format is recognised
_GENERIC = frozenset(
    "log logs metric metrics history train training train_log results result progress events output outputs data stats "
    "loss losses scalars trainer_state wandb-history".split()
)
_NUMBERED = re.compile(r"(version|run|exp)?_?\d{1,4}")  # "version_0" says nothing without the folder above


@cache
def importers() -> tuple[ModuleType, ...]:
    """Every log format of this folder: a module with `recognise` is one.

    It has `FORMAT`, its name; `EXPECTS`, what a file must be like; `recognise(path, head)`, whether a file with these
    first bytes is one; and `read(paths, meter)`, which yields batches. Where several files make one run,
    `home(path)` is the folder that stands for the run. Where one file holds several, `runs(path)` is {run: its name}
    and `read` is given the one that is meant. Places in a file are lines unless there is another `UNIT`. A `PLAIN`
    format is tried when no other knows the file: many a tool writes CSV.
    """
    found = [module for module in modules(__package__.rpartition(".")[0]) if hasattr(module, "recognise")]
    return tuple(sorted(found, key=lambda module: getattr(module, "PLAIN", False)))


@dataclass(frozen=True)
class Source:
    """One run's log: the files `paths` in one importer's format; `home`, the file or folder that stands for it.

    Where these files hold several runs, `run` is the one that is meant, `label` its name, and `of` how many they are.
    """

    importer: ModuleType
    home: Path
    paths: tuple[Path, ...]
    run: str = ""
    label: str = ""
    of: int = 1

    def read(self, meter: Meter) -> Iterator[Batch | None]:
        """The run's rows; `meter` is given bytes that sum up to `size`. One that follows gets None where they end."""
        if not self.run:
            rows: Iterator[Batch | None] = self.importer.read(self.paths, meter)
        else:
            rows = self.importer.read(self.paths, lambda size: meter(size // self.of), self.run)
        return rows

    @property
    def name(self) -> str:
        """The file's name, or its folder's where every log is called like it ("metrics.csv")."""
        if self.label:
            return plain(self.label)
        stem = self.home.name if self.home.is_dir() else self.home.stem
        if _NUMBERED.fullmatch(stem) and self.home.parent.name:
            return plain(f"{self.home.parent.name}/{stem}")
        return plain(self.home.parent.name if stem.lower() in _GENERIC and self.home.parent.name else stem)

    @property
    def size(self) -> int:
        return sum(path.stat().st_size // self.of for path in self.paths if path.exists())


def find(paths: Sequence[str | os.PathLike[str]]) -> tuple[list[Source], list[str]]:
    """(logs in these files and in the folders below these paths, a sentence for each file that is none).

    Hidden files and folders are passed over, and the notes that an export puts beside a file. StoreError for a path
    that is not there.
    """
    groups: dict[tuple[str, Path], list[Path]] = {}
    refused: list[str] = []
    for path in dict.fromkeys(file for given in paths for file in _files(Path(given).expanduser(), refused)):
        importer = _importer_of(path, refused)
        if importer:
            home = importer.home(path) if hasattr(importer, "home") else path
            groups.setdefault((importer.__name__, home), []).append(path)
    by_name = {module.__name__: module for module in importers()}
    found = []
    for (name, home), files in groups.items():
        importer = by_name[name]
        if not hasattr(importer, "runs"):
            found.append(Source(importer, home, tuple(files)))
            continue
        try:
            runs = importer.runs(home)
            found += [Source(importer, home, tuple(files), run, label, len(runs)) for run, label in runs.items()]
        except StoreError as error:
            refused.append(str(error))
    return found, refused


def _files(path: Path, refused: list[str]) -> Iterator[Path]:
    if not path.exists():
        raise StoreError(f"no file or folder {plain(str(path), 300)}; give the path of a log or of its folder")
    if not path.is_dir():
        yield path.resolve()
        return

    def closed(error: OSError) -> None:
        refused.append(f"{plain(str(error.filename), 300)}: cannot be read ({error.strerror})")

    for folder, folders, names in os.walk(path.resolve(), onerror=closed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        logs = (name for name in sorted(names) if not name.startswith(".") and not name.endswith(f".{MARK}"))
        yield from (Path(folder, name).resolve() for name in logs)


def _importer_of(path: Path, refused: list[str]) -> ModuleType | None:
    shown = plain(str(path), 300)
    if not path.is_file():  # a pipe or a device would block
        refused.append(f"{shown}: not a regular file")
        return None
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        refused.append(f"{shown}: cannot be read ({error.strerror})")
        return None
    if not head.strip():
        refused.append(f"{shown}: empty")
        return None
    for importer in importers():
        if importer.recognise(path, head):
            return importer
    refused.append(f"{shown}: no log that can be imported; expected {', or '.join(i.EXPECTS for i in importers())}")
    return None
