"""A schedule that somebody drew, or read from a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from .....errors import CannotForecast, InvalidInput
from ..future import AskKnots, Future, FutureKind, Questions, Start
from ..schedule import Schedule
from ._shapes import append

MOST = 120  # knots that fit into a link
STRAIGHT = 1e-6  # of the steepest slope: a bend that says nothing


def piecewise(schedule: Schedule, at: int, steps: ArrayLike, lr: ArrayLike) -> Schedule:
    """A future given as knots (step, LR); knots up to `at` are ignored, the past being what it was."""
    steps, lr = np.asarray(steps, float), np.asarray(lr, float)
    keep = steps > at
    if not keep.any():
        raise CannotForecast(f"no knot lies after step {at}, up to which the run has already gone")
    return append(schedule, at, steps[keep], lr[keep])


@dataclass(frozen=True)
class Knots(Future):
    """Straight lines between knots (step, LR), in the order of their steps."""

    knots: tuple[tuple[float, float], ...]

    word: ClassVar[str] = "knots"

    def arguments(self) -> tuple[str, ...]:
        return tuple(f"{step:.0f}:{rate:.6g}" for step, rate in self.few())

    @property
    def label(self) -> str:
        return f"drawn, to step {int(self.knots[-1][0]):,}"

    def apply(self, start: Start) -> Schedule:
        steps, lr = zip(*self.knots, strict=True)
        return piecewise(start.schedule, start.at, steps, lr)

    def few(self) -> tuple[tuple[float, float], ...]:
        """The knots without inner points of straight pieces, and at most as many as fit into a link."""
        knots = np.array(self.knots)
        if len(knots) > 2:
            slope = np.diff(knots[:, 1]) / np.diff(knots[:, 0])
            bend = np.abs(np.diff(slope)) > STRAIGHT * np.abs(slope).max()
            knots = knots[np.concatenate([[True], bend, [True]])]
        if len(knots) > MOST:
            corners = Schedule(knots[:, 0], knots[:, 1]).corners(MOST)
            knots = knots[np.isin(knots[:, 0].astype(int), corners)]
        return tuple((float(step), float(rate)) for step, rate in knots)


def read_csv(text: str, name: str = "the table") -> Knots:
    """Knots from a CSV with columns step,lr; of a step that comes twice the first counts, empty rows count for nothing.

    Raises InvalidInput naming the line that cannot be used."""
    found: dict[float, float] = {}
    rows = csv.DictReader(text.lstrip("\ufeff").splitlines())
    rows.fieldnames = [str(column).strip().lower() for column in rows.fieldnames or ()]
    if not {"step", "lr"} <= set(rows.fieldnames):
        raise InvalidInput(f"{name}: expected a CSV with the columns step,lr and a number in each")
    for row in rows:
        if not (row["step"] or "").strip() and not (row["lr"] or "").strip():
            continue
        try:
            step, rate = float(row["step"]), float(row["lr"])
        except (TypeError, ValueError):
            raise InvalidInput(f"{name}, line {rows.line_num}: expected numbers in the columns step and lr") from None
        if not np.isfinite([step, rate]).all() or rate < 0:
            raise InvalidInput(f"{name}, line {rows.line_num}: expected finite numbers and no learning rate below 0")
        found.setdefault(step, rate)
    if not found:
        raise InvalidInput(f"{name}: expected at least one row")
    return Knots(tuple(sorted(found.items())))


def parse(arguments: Sequence[str]) -> Knots:
    pairs = [argument.split(":") for argument in arguments]
    if not pairs:
        raise InvalidInput("it has no knots")
    return Knots(tuple(sorted((float(step), float(rate)) for step, rate in pairs)))


def ask(start: Start) -> Questions:
    now = float(start.schedule.eta[min(start.at, start.schedule.total) - 1])
    end = max(start.schedule.total, start.at + 10)
    return read_csv(str((yield AskKnots("CSV with columns step,lr", (((start.at + end) // 2, now), (end, 0.0))))))


KIND = FutureKind("knots", "A drawn or uploaded schedule", parse, ask, 6)
