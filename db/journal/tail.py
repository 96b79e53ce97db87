"""Reads on in the journals as they grow, and keeps what it has parsed: a live reader pays for new bytes only."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..places.process import Liveness, liveness
from . import frames
from .accepted import accepted
from .frames import MAGIC, Block, Cursor, Note
from .unfolded import Rest, Unfolded


class Mark(NamedTuple):
    """How far the tables hold a journal: bytes folded, what reading on from there needs, whether the file may go."""

    folded: int = len(MAGIC)
    state: str = ""
    retired: int = 0


@dataclass
class _Journal:
    path: Path
    run: str
    process: dict[str, Any]
    cursor: Cursor = field(default_factory=Cursor)
    folded: int = len(MAGIC)
    seen: int = 0  # the file's size when it was last read
    blocks: list[Block] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class Tail:
    """The journals of a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lock = threading.Lock()  # hold it from taking a snapshot of the tables to `refresh`: marks never go back
        self.failed: dict[str, str] = {}  # journals that could not be folded, and why
        self._journals: dict[str, _Journal] = {}

    def files(self) -> list[Path]:
        """The journals there are, in the order in which they were begun."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == ".journal")
        except OSError:
            return []

    def sizes(self, run: str | None = None) -> tuple[tuple[str, int], ...]:
        """Names and sizes of the journals (of one run): changes whenever something was written."""
        out = []
        for path in self.files():
            if run is None or path.name.startswith(run + "."):
                try:
                    out.append((path.name, path.stat().st_size))
                except FileNotFoundError:
                    continue
        return tuple(out)

    def refresh(self, files: list[Path], marks: dict[str, Mark], *, strict: bool = True) -> Unfolded:
        """Reads on in `files`, which were listed before the snapshot that `marks` is of.

        FileNotFoundError when a journal that the snapshot needs is gone: it has been folded since, take a new snapshot.
        Not `strict`: it was deleted by hand, and is passed over.
        """
        present = {path.name: path for path in files if not marks.get(path.name, Mark()).retired}
        gone = {name for name, mark in marks.items() if not mark.retired} - present.keys()
        if strict and gone:
            raise FileNotFoundError(min(gone))
        for name in self._journals.keys() - present.keys():
            del self._journals[name]
        rests = []
        for name, path in present.items():
            try:
                journal = self._read_on(path, marks.get(name, Mark()))
            except FileNotFoundError:
                if strict:
                    raise
                continue
            except Exception as error:  # one journal that cannot be read must not hide the other runs
                self._journals.pop(name, None)
                rests.append(Rest(path, run_of(path), {}, [], [], unreadable(path, error)))
                continue
            if journal is not None:
                blocks, notes, problem = list(journal.blocks), list(journal.notes), self.failed.get(name, "")
                end = journal.cursor.offset
                torn_at = end if end < journal.seen else None
                rests.append(Rest(path, journal.run, journal.process, blocks, notes, problem, torn_at))
        return Unfolded(rests)

    def _read_on(self, path: Path, mark: Mark) -> _Journal | None:
        journal = self._journals.get(path.name)
        if journal is None:
            run, process, _ = opening(path)
            if run is None:  # just being begun, or damaged at its beginning
                return None
            journal = self._journals[path.name] = _Journal(path, run, process)
            if not process:  # its beginning is damaged
                journal.notes.append(Note(0, 0, accepted(unnamed(path), 0)[0]))
        folded = mark.folded
        if folded > journal.folded:
            journal.folded = folded
            if folded > journal.cursor.offset:
                journal.cursor, journal.blocks, journal.notes = Cursor.from_json(folded, mark.state), [], []
                journal.seen = 0
            else:
                journal.blocks = [kept for block in journal.blocks if (kept := _after(block, folded)) is not None]
                journal.notes = [note for note in journal.notes if note.offset >= folded]
        size = path.stat().st_size
        if size > journal.cursor.offset and size != journal.seen:
            with open(path, "rb") as file:
                file.seek(journal.cursor.offset)
                data = file.read()
            journal.seen = journal.cursor.offset + len(data)
            blocks, notes, _ = frames.read(data, journal.cursor)
            journal.blocks += [block for block in blocks if len(block.steps)]
            journal.notes += [
                Note(note.offset, note.attempt, entry) for note in notes for entry in accepted(note.entry, note.attempt)
            ]
        return journal

    def dead(self) -> list[Path]:
        """Journals whose writer no longer lives, for certain."""
        found: dict[str, dict[Path, bool]] = {}
        for path in self.files():
            try:
                dead = liveness(opening(path).process, path) is Liveness.DEAD
            except FileNotFoundError:
                continue
            except Exception:  # `refresh` says why it cannot be read
                dead = False
            found.setdefault(path.stem.rpartition(".")[0], {})[path] = dead
        return [path for files in found.values() if all(files.values()) for path in files]


def _after(block: Block, folded: int) -> Block | None:
    kept = block.order >= folded
    if kept.all():
        return block
    if not kept.any():
        return None
    return Block(block.attempt, block.keys, block.steps[kept], block.values[kept], block.order[kept])


def run_of(path: Path) -> str:
    """The run that a journal's name begins with."""
    return path.name.partition(".")[0]


def unreadable(path: Path, error: Exception) -> str:
    """Why a journal cannot be read, as a sentence."""
    if isinstance(error, PermissionError):
        return f"its journal {path.name} may not be read by this user; make it readable (chmod +r) or ask its owner"
    return f"its journal {path.name} cannot be read ({type(error).__name__}: {error}); it stays where it is"


class Opening(NamedTuple):
    """What a journal's first note names: its run, who writes it, and what it waits to be joined by (see `join.py`)."""

    run: str | None = None
    process: dict[str, Any] = {}
    resumes: dict[str, Any] | None = None


def opening(path: Path) -> Opening:
    """A journal's opening; where that is damaged, what follows and the file's name tell. None without a whole frame."""
    with open(path, "rb") as file:
        head = file.read(len(MAGIC) + frames.HEADER.size)
        if len(head) < len(MAGIC) + frames.HEADER.size:
            return Opening()
        length = frames.HEADER.unpack_from(head, len(MAGIC))[0]
        _, notes, _ = frames.read(head[len(MAGIC) :] + file.read(length), Cursor())
        if not notes:
            file.seek(len(MAGIC))
            blocks, notes, _ = frames.read(file.read(), Cursor())
            if not blocks and not notes:
                return Opening()
    named = (note.entry["run"] for note in notes if "run" in note.entry)
    run: dict[str, Any] = next(named, {"id": run_of(path)})
    return Opening(run.get("id"), run.get("process", {}), run.get("resumes"))


def unnamed(path: Path) -> dict[str, Any]:
    """The note of a run whose own is damaged."""
    return {"run": {"id": run_of(path), "name": run_of(path), "started": path.stat().st_mtime}}
