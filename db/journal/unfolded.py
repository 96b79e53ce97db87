"""What the journals hold beyond what has been folded, as of one moment: a view that nothing changes any more."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...keys import SeriesKey
from ..places.process import Liveness, died_as, liveness
from ..series import pyramid
from .frames import Block, Note


@dataclass(frozen=True)
class Rest:
    """One journal's unfolded part."""

    path: Path
    run: str
    process: dict[str, Any]
    blocks: list[Block]
    notes: list[Note]
    problem: str = ""  # why it cannot be read, or taken in
    torn_at: int | None = None  # the byte from which on nothing whole stands, though something does


class Unfolded:
    """The unfolded rest of all journals, in the order in which they were begun."""

    def __init__(self, rests: list[Rest]):
        self._rests = rests

    def notes(self, run: str | None, *kinds: str) -> list[tuple[str, int, str, dict[str, Any]]]:
        """Notes of these kinds as (run, attempt, kind, content), oldest first."""
        return [
            (rest.run, note.attempt, kind, value)
            for rest in self._rests
            if run in (None, rest.run)
            for note in rest.notes
            for kind, value in note.entry.items()
            if kind in kinds
        ]

    @property
    def runs(self) -> set[str]:
        """The runs that have a journal."""
        return {rest.run for rest in self._rests}

    @property
    def problems(self) -> dict[str, str]:
        """Run -> why a journal of it cannot be read or taken in."""
        return {rest.run: rest.problem for rest in self._rests if rest.problem}

    @property
    def torn(self) -> dict[Path, int]:
        """The journals that end in what is no whole frame, or not yet, and the byte where that begins."""
        return {rest.path: rest.torn_at for rest in self._rests if rest.torn_at is not None}

    def contents(self, run: str, kind: str) -> list[dict[str, Any]]:
        """The contents of one run's notes of one kind, oldest first."""
        return [value for *_, value in self.notes(run, kind)]

    def points(self, run: str, attempt: int, key: SeriesKey) -> tuple[np.ndarray, np.ndarray]:
        """Points of one series: steps strictly increasing."""
        pieces = []
        for number, rest in enumerate(self._rests):
            if rest.run == run:
                for block in rest.blocks:
                    at = block.keys.column.get(key) if block.attempt == attempt else None
                    if at is not None:
                        pieces.append((block.steps, block.values[:, at], block.order + (number << 40)))
        if not pieces:
            return np.empty(0, np.int64), np.empty(0)
        if len(pieces) == 1:
            return pyramid.merge(pieces[0][0], np.ascontiguousarray(pieces[0][1]))
        return pyramid.merge(*(np.concatenate(column) for column in zip(*pieces, strict=True)))

    def keys(self, run: str) -> dict[tuple[int, SeriesKey], None]:
        """The (attempt, key) of every series with points, in the order of their first ones."""
        blocks = [block for rest in self._rests if rest.run == run for block in rest.blocks]
        return {(block.attempt, key): None for block in blocks for key in block.keys}

    def extents(self, run: str) -> dict[tuple[int, SeriesKey], tuple[int, int, int]]:
        """Of every series (attempt, key) with points: how many, the first and the last step."""
        found: dict[tuple[int, SeriesKey], tuple[int, int, int]] = {}
        for block in (block for rest in self._rests if rest.run == run for block in rest.blocks):
            n, first, last = len(block.steps), int(block.steps.min()), int(block.steps.max())
            for key in block.keys:
                seen = found.get((block.attempt, key), (0, first, last))
                found[block.attempt, key] = seen[0] + n, min(seen[1], first), max(seen[2], last)
        return found

    def last_steps(self) -> list[tuple[str, int, int]]:
        """(run, attempt, last step) of every block of points."""
        return [(rest.run, block.attempt, int(block.steps.max())) for rest in self._rests for block in rest.blocks]

    def died_as(self, run: str) -> str:
        """What the newest journal of a run that is not alive says of its end: "killed", or "lost" without one."""
        return next((died_as(rest.process) for rest in reversed(self._rests) if rest.run == run), "lost")

    def live(self, run: str) -> float | None:
        """When the living writer of a run last touched its journal (seconds since the epoch); None without one."""
        for rest in reversed(self._rests):
            if rest.run == run:
                try:
                    touched = os.stat(rest.path).st_mtime
                    living = liveness(rest.process, rest.path) is Liveness.ALIVE
                except OSError:
                    continue
                if living:
                    return touched
        return None
