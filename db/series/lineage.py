"""Which steps of which attempt survive: a run that went back has one line, and what it left behind is abandoned."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ..records import Attempt

FAR = 2**62  # beyond every step


class Piece(NamedTuple):
    """One attempt's share of the surviving line: steps in (low, high]."""

    attempt: int
    low: int
    high: int

    def share(self, low: int, high: int) -> tuple[int, int]:
        """The part of (low, high] that is this attempt's."""
        return max(self.low, low), min(self.high, high)


def window(lo: int | None, hi: int | None) -> tuple[int, int]:
    """lo <= step <= hi as (low, high] with finite ends."""
    return (-FAR if lo is None else max(lo - 1, -FAR), FAR if hi is None else min(hi, FAR))


def settled(attempts: list[Attempt], last: str) -> list[Attempt]:
    """Attempts with their true states: only the last can be running; if it recorded no end, it is `last`."""
    out = list(attempts)
    for at, attempt in enumerate(attempts):
        later = attempts[at + 1 : at + 2]
        if later and attempt.state in ("running", "killed", "lost"):  # however it ended, it was gone on with
            out[at] = replace(attempt, state="stopped", ended=attempt.ended or later[0].started)
        elif attempt.state == "running":
            out[at] = replace(attempt, state=last)
    return out


def line(attempts: list[Attempt], within: tuple[int, int] = (-FAR, FAR)) -> list[Piece]:
    """The surviving line in order of step, as far as it touches `within` (low, high]."""
    pieces, ceiling = [], FAR
    for attempt in reversed(attempts):
        low = attempt.from_step if attempt.number > attempts[0].number else -FAR
        if low < ceiling:
            pieces.append(Piece(attempt.number, low, ceiling))
        ceiling = min(ceiling, low)
    return [piece for piece in reversed(pieces) if max(piece.low, within[0]) < min(piece.high, within[1])]


def last_step(starts: dict[int, int], last: dict[int, int]) -> int | None:
    """Where the line ends: `starts` has each attempt's first step, `last` the last one that it recorded, if any."""
    ceiling = FAR
    for number in sorted(starts.keys() | last.keys(), reverse=True):
        if number in last:
            return min(last[number], ceiling)
        ceiling = min(ceiling, starts[number])
    return None
