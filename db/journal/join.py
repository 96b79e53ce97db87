"""Journals that wait to be joined to a run: their training was resumed while the store could not be read.

Such a journal stands under a run of its own, whose opening says `resumes`. Once the store can be read, it is rewritten
as a journal of the run that it goes on with. What was decided stands in a file first: whoever goes on after a crash in
between does the same again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import frames
from .claims import release
from .frames import HEADER, MAGIC, NOTE, Cursor
from .tail import opening


@dataclass(frozen=True)
class Joining:
    """What becomes of a waiting run: the record of the run it belongs to, and its attempts' numbers there."""

    waiting: str
    run: dict[str, Any]
    attempts: dict[int, int]
    from_step: int  # where the first of them goes on

    def stem(self, stem: str) -> str:
        """The journal's stem in the run: it differs from the waiting one's, as the bytes do."""
        return f"{self.run['id']}{stem.removeprefix(self.waiting)}-joined"

    def note(self, entry: dict[str, Any]) -> dict[str, Any]:
        """A note of the waiting run as one of the run that it belongs to."""
        out = {}
        for kind, value in entry.items():
            if kind == "run":
                value = self.run | {"process": value.get("process", {})}
            elif kind == "attempt":
                first = value["number"] == min(self.attempts)
                value = value | {"number": self.attempts[value["number"]]}
                value |= {"from_step": self.from_step} if first else {}
            elif "attempt" in value:
                value = value | {"attempt": self.attempts.get(value["attempt"], value["attempt"])}
            out[kind] = value
        return out


def waiting(files: Iterable[Path]) -> dict[str, list[Path]]:
    """The journals that wait, by their run."""
    found: dict[str, list[Path]] = {}
    for path in files:
        try:
            begun = opening(path)
        except Exception:  # the reader says why it cannot be read
            continue
        if begun.run is not None and begun.resumes is not None:
            found.setdefault(begun.run, []).append(path)
    return found


def contents(files: Iterable[Path]) -> tuple[set[int], int | None]:
    """Of waiting journals: the numbers of their attempts, and the first step that they hold."""
    numbers, steps = set(), []
    for path in files:
        cursor = Cursor()
        blocks, notes, _ = frames.read(path.read_bytes()[len(MAGIC) :], cursor)
        numbers |= {note.attempt for note in notes}
        steps += [int(block.steps.min()) for block in blocks if len(block.steps)]
    return numbers or {0}, min(steps, default=None)


def decided(folder: Path, run: str) -> Joining | None:
    """What was decided before for this waiting run; None for nothing yet."""
    try:
        raw = json.loads(_decision(folder, run).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    attempts = {int(number): into for number, into in raw["attempts"].items()}
    return Joining(raw["waiting"], raw["run"], attempts, raw["from_step"])


def decide(folder: Path, joining: Joining) -> None:
    """Writes down what is to become of a waiting run."""
    entry = {name: getattr(joining, name) for name in ("waiting", "run", "attempts", "from_step")}
    _write(_decision(folder, joining.waiting), json.dumps(entry, default=str).encode())


def join(folder: Path, joining: Joining) -> None:
    """Rewrites the waiting run's journals, to which nobody writes any more, as journals of its run."""
    for path in waiting(sorted(folder.glob(f"{joining.waiting}.*.journal"))).get(joining.waiting, []):
        stem, number = path.stem.rsplit(".", 1)
        data = b"".join(_rewritten(path.read_bytes(), joining))
        _write(folder / f"{joining.stem(stem)}.{number}.journal", data)
        path.unlink()
    _decision(folder, joining.waiting).unlink(missing_ok=True)
    if joining.waiting != joining.run["id"]:
        release(folder, joining.waiting, max(joining.attempts))


def _decision(folder: Path, run: str) -> Path:
    return folder / f"{run}.joining"


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(data)
    os.replace(part, path)


def _rewritten(data: bytes, joining: Joining) -> Iterator[bytes]:
    """The bytes with their notes changed; what is damaged or unfinished as it is."""
    yield MAGIC
    position = len(MAGIC)
    while position < len(data):
        end = frames.end_of(data, position)
        if end is None:
            end = frames.next_whole(data, position) or len(data)
            yield data[position:end]
        else:
            _, _, shape, kind = HEADER.unpack_from(data, position)
            body = data[position + HEADER.size : end]
            if kind == NOTE:
                body = frames.json_body(joining.note(json.loads(body)))
            yield frames.frame(kind, shape, body)
        position = end
