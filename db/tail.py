"""What the journals hold beyond what has been folded, kept parsed: a live reader pays for new bytes only."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import frames, pyramid
from .frames import MAGIC, Block, Cursor, Key
from .places import alive


@dataclass
class _Journal:
    cursor: Cursor
    folded: int
    run: str | None = None
    process: dict = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    notes: list[tuple[int, dict]] = field(default_factory=list)


class Tail:
    """The unfolded part of every journal in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._journals: dict[str, _Journal] = {}
        self._lock = threading.Lock()

    def files(self) -> list[Path]:
        """The journals there are, in the order in which they were begun."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == ".journal")
        except OSError:
            return []

    def sizes(self, run: str | None = None) -> tuple:
        """Names and sizes of the journals (of one run): changes whenever something was written."""
        out = []
        for path in self.files():
            if run is None or path.name.startswith(run + "."):
                try:
                    out.append((path.name, path.stat().st_size))
                except FileNotFoundError:
                    continue
        return tuple(out)

    def refresh(self, marks: dict[str, list], *, strict: bool = True) -> None:
        """Reads on in every journal; `marks`: name -> [bytes folded, what the fold knew, retired], of one snapshot.

        FileNotFoundError when a journal of the snapshot is gone: it has been folded since, take a new snapshot. Not
        `strict`: such a journal was deleted by hand and is passed over.
        """
        with self._lock:
            present = {path.name: path for path in self.files()}
            present = {name: path for name, path in present.items() if name not in marks or not marks[name][2]}
            gone = {name for name, (_, _, retired) in marks.items() if not retired} - present.keys()
            if strict and gone:
                raise FileNotFoundError(min(gone))
            for name in self._journals.keys() - present.keys():
                del self._journals[name]
            for name, path in present.items():
                folded, state, _ = marks.get(name, (len(MAGIC), "", 0))
                try:
                    self._read_on(name, path, folded, state)
                except FileNotFoundError:
                    if strict:
                        raise

    def _read_on(self, name: str, path: Path, folded: int, state: str) -> None:
        journal = self._journals.get(name)
        if journal is None:
            journal = self._journals[name] = _Journal(Cursor(), len(MAGIC))
            journal.run, journal.process = _opening(path)
            if state:
                journal.cursor = Cursor.from_json(folded, state)
        if folded > journal.folded:
            journal.folded = folded
            if folded > journal.cursor.offset:
                journal.cursor, journal.blocks, journal.notes = Cursor.from_json(folded, state), [], []
            else:
                journal.blocks = [kept for block in journal.blocks if (kept := _after(block, folded)) is not None]
                journal.notes = [note for note in journal.notes if note[0] >= folded]
        if path.stat().st_size > journal.cursor.offset:
            with open(path, "rb") as file:
                file.seek(journal.cursor.offset)
                data = file.read()
            blocks, notes, _ = frames.read(data, journal.cursor)
            journal.blocks += blocks
            journal.notes += notes

    def notes(self, run: str | None, kind: str) -> list[tuple[str, dict]]:
        """Unfolded notes of a kind as (run, content), oldest first."""
        with self._lock:
            found = [j for _, j in sorted(self._journals.items()) if j.run and run in (None, j.run)]
            return [(j.run, note[kind]) for j in found for _, note in j.notes if kind in note]

    def points(self, run: str, attempt: int, key: Key) -> tuple[np.ndarray, np.ndarray]:
        """Unfolded points of one series: steps strictly increasing."""
        pieces = []
        with self._lock:
            for name, journal in sorted(self._journals.items()):
                if journal.run == run:
                    for block in journal.blocks:
                        if block.attempt == attempt and key in block.keys:
                            pieces.append((block.steps, block.values[:, block.keys.index(key)], block.order, name))
        if not pieces:
            return np.empty(0, np.int64), np.empty(0)
        if len(pieces) == 1:
            return pyramid.merge(pieces[0][0], np.ascontiguousarray(pieces[0][1]))
        steps, values = np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces])
        names = sorted({p[3] for p in pieces})
        order = np.concatenate([p[2] + (names.index(p[3]) << 40) for p in pieces])
        return pyramid.merge(steps, values, order)

    def keys(self, run: str) -> dict[tuple[int, Key], None]:
        """The (attempt, key) of every series with unfolded points, in the order of their first ones."""
        with self._lock:
            found = [j for _, j in sorted(self._journals.items()) if j.run == run]
            return {(block.attempt, key): None for j in found for block in j.blocks for key in block.keys}

    def last_steps(self, run: str, attempt: int) -> list[int]:
        """The last step of every unfolded block of points."""
        with self._lock:
            blocks = [block for j in self._journals.values() if j.run == run for block in j.blocks]
        return [int(block.steps.max()) for block in blocks if block.attempt == attempt]

    def dead(self) -> list[Path]:
        """Journals whose writer no longer lives."""
        out = []
        for path in self.files():
            try:
                process = _opening(path)[1]
                if not alive(process, path.stat().st_mtime):
                    out.append(path)
            except OSError:
                continue
        return out

    def live(self, run: str) -> float | None:
        """When the living writer of a run last touched its journal (seconds since the epoch); None without one."""
        with self._lock:
            found = [(name, j) for name, j in sorted(self._journals.items()) if j.run == run]
        for name, journal in reversed(found):
            try:
                touched = os.stat(self.folder / name).st_mtime
            except OSError:
                continue
            if alive(journal.process, touched):
                return touched
        return None


def _after(block: Block, folded: int) -> Block | None:
    kept = block.order >= folded
    if kept.all():
        return block
    if not kept.any():
        return None
    return Block(block.attempt, block.keys, block.steps[kept], block.values[kept], block.order[kept])


def _opening(path: Path) -> tuple[str | None, dict]:
    """The run and the process that a journal's first note names."""
    with open(path, "rb") as file:
        head = file.read(len(MAGIC) + frames.HEADER.size)
        if len(head) < len(MAGIC) + frames.HEADER.size or head[: len(MAGIC)] != MAGIC:
            return None, {}
        length = frames.HEADER.unpack_from(head, len(MAGIC))[0]
        _, notes, _ = frames.read(head[len(MAGIC) :] + file.read(length), Cursor())
    run = notes[0][1].get("run", {}) if notes else {}
    return run.get("id"), run.get("process", {})
