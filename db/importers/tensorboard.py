"""TensorBoard's event files: a folder of them is a run; its `train/` and `validation/` are sides of the same run.

What `add_scalars` and `add_hparams` write into folders of their own belongs to the run above them. Scalars and scalar
tensors come over, with step and time, and hyper-parameters; histograms, images and graphs stay behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ._machinery import tfrecord
from ._machinery.batch import Batch, Column
from ._machinery.events import Scalars, scalars
from ._machinery.hyperparameters import beside
from ._machinery.lines import Meter, in_turn

FORMAT = "TensorBoard events"
EXPECTS = "TensorBoard event files"
UNIT = "byte"
_TRAIN = frozenset(("train", "training"))
_HELD_OUT = frozenset(("validation", "val", "valid", "eval", "evaluation", "dev", "test"))
_SESSION = re.compile(r"\d{10}(\.\d+)?")  # the folder of one call of add_hparams, named by its time
_WRITTEN = re.compile(r"tfevents\.(\d+)")
_NONE = np.empty(0, np.int64)


def recognise(path: Path, head: bytes) -> bool:
    """Whether the first record says so, or, where that is damaged, the name."""
    return b"brain.Event:" in head[:100] or ".tfevents." in path.name


def home(path: Path) -> Path:
    """The folder that stands for the run."""
    folder = path.parent
    return folder.parent if _is_side(folder) or _is_session(folder) or _column_folder(path) else folder


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch | None]:
    """The scalars of each file, the oldest file first, so that the files of a restart follow what they continue."""
    above = home(paths[0])
    config = beside(above / paths[0].name)  # Lightning's
    files = sorted(paths, key=lambda path: (_written(path), path))
    sides = [path.parent.name if path.parent != above else "" for path in files]
    for batch in in_turn([_file(path, side, meter) for path, side in zip(files, sides, strict=True)]):
        if batch:
            batch.config, config = config | batch.config, {}
        yield batch


def _file(path: Path, side: str, meter: Meter) -> Iterator[Batch | None]:
    own = False  # an export of ours: its columns are called as they are
    for records in tfrecord.read(path, meter):
        found = scalars(records) if records else None
        own |= bool(found and found.notes)
        yield _batch(found, "" if own else side, path.name, dated=not own) if found else None


def _batch(found: Scalars, side: str, file: str, dated: bool) -> Batch:
    batch = Batch(found.at, unread=found.damaged, config=found.config, steps=found.steps, file=file, notes=found.notes)
    batch.spread([_column(tag, side) for tag in found.tags], found.tag, found.values)
    last = np.flatnonzero(np.diff(found.steps, append=-1))  # of the events of one step
    if dated and len(last) and found.wall.all():
        batch.columns["wall_time"] = Column(last, found.wall[last], _NONE)
    return batch


def _column(tag: str, side: str) -> str:
    """A tag as a column's name: a held-out side's is `validation/...`, one of add_scalars' is `tag/line`."""
    if tag == "wall_time":
        return "wall_time (logged)"
    if side.lower() in _HELD_OUT and not tag.lower().startswith(side.lower()):
        return f"{side.lower()}/{tag}"
    return f"{tag}/{side[len(tag) + 1 :]}" if _is_line(tag, side) else tag


def _is_line(tag: str, folder: str) -> bool:
    return bool(tag) and folder.startswith(tag.replace("/", "_") + "_")


def _written(path: Path) -> int:
    named = _WRITTEN.search(path.name)
    return int(named[1]) if named else int(path.stat().st_mtime)


def _has_events(folder: Path) -> bool:
    return any(".tfevents." in path.name for path in folder.iterdir())


def _is_side(folder: Path) -> bool:
    name = folder.name.lower()
    beside = name in _HELD_OUT and any((folder.parent / train).is_dir() for train in _TRAIN)
    return name in _TRAIN or beside or (name in _HELD_OUT and _has_events(folder.parent))


def _is_session(folder: Path) -> bool:
    """Whether this is the one session of the run above; where there are several, each is a run."""
    if not _SESSION.fullmatch(folder.name) or not _has_events(folder.parent):
        return False
    return sum(bool(_SESSION.fullmatch(path.name)) for path in folder.parent.iterdir()) == 1


def _column_folder(path: Path) -> bool:
    """Whether `add_scalars` made this folder for one line of a chart: its name begins with the only tag in it."""
    if "_" not in path.parent.name or not _has_events(path.parent.parent):
        return False
    first = next(tfrecord.read(path, lambda size: None), None)
    return first is not None and any(_is_line(tag, path.parent.name) for tag in scalars(first).tags)
