"""Evaluations of tasks while training goes on from one task to the next: what every measure of tasks is computed from.

    from barograph.dashboard.analysis.measures import discover
    from barograph.dashboard.analysis.measures._support.tasks import Evaluations, Visit

    record = Evaluations.of(step, task, accuracy, n=n, visits=[Visit("a", 0, 100), Visit("b", 100, 200)])
    record.curve("a").value                                    # of one task, in order of step
    {name: measure(record) for name, measure in discover().items()}          # every measure: Results

The convention of steps: an evaluation at step s saw the model after s optimizer steps. A visit (start, end] trains its
task in the steps start + 1 ... end, as `run.begin_task` and `run.end_task` record it: an evaluation at `start` sees
the model before the visit, one at `end` sees it when the visit is over. A task that recurs has several visits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from .....errors import InvalidInput


@dataclass(frozen=True)
class Visit:
    """Training on `task` in the steps start + 1 ... end; `end` None: it goes on. (0, 0): learned before the run."""

    task: str
    start: int
    end: int | None = None


@dataclass(frozen=True)
class ClosedVisit(Visit):
    """A visit as far as the record shows it: its end is known."""

    end: int = 0


@dataclass(frozen=True, eq=False)
class TaskCurve:
    """The evaluations of one task, increasing in step: arrays [m]. `n` examples, NaN where nobody said how many."""

    step: np.ndarray
    value: np.ndarray
    n: np.ndarray
    n_invalid: np.ndarray

    def __len__(self) -> int:
        return len(self.step)

    def between(self, after: float, until: float) -> TaskCurve:
        """The part with after < step <= until."""
        cut = slice(*np.searchsorted(self.step, [after, until], side="right"))
        return TaskCurve(self.step[cut], self.value[cut], self.n[cut], self.n_invalid[cut])


@dataclass(frozen=True, eq=False)
class Evaluations:
    """Every evaluation of every task, sorted by task and step, and the visits in order of their starts.

    `task` [m] holds indices into `names`; `value` [m] one metric that is better when higher, between 0 and 1; `also`
    other metrics of the same evaluations by name [m]. `fixed` says that each task is evaluated on the same examples
    every time. `notes` are sentences about what was given.
    """

    names: tuple[str, ...]
    step: np.ndarray
    task: np.ndarray
    value: np.ndarray
    n: np.ndarray
    n_invalid: np.ndarray
    visits: tuple[Visit, ...] = ()
    also: Mapping[str, np.ndarray] = field(default_factory=dict)
    fixed: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, step: ArrayLike, task: ArrayLike, value: ArrayLike, *,
        n: ArrayLike | None = None, n_invalid: ArrayLike | None = None,
        visits: Iterable[Visit | tuple[str, int, int | None]] = (), also: Mapping[str, ArrayLike] | None = None,
        fixed: bool = False, strict: bool = False,
    ) -> Evaluations:  # fmt: skip
        """Sorts and checks what was evaluated; rows in any order, NaN where a metric was not measured.

        `strict`: every evaluated task has to be among the visits and every visited one has to be evaluated; otherwise
        tasks without a visit are kept (held-out ones) and visits of tasks that were never evaluated are noted.
        Raises ValueError for values outside [0, 1], a task evaluated twice at a step, and visits that cannot be.
        """
        steps, values = np.asarray(step, np.int64).reshape(-1), np.asarray(value, float).reshape(-1)
        labels = np.asarray(task, dtype=object).reshape(-1)
        if not len(steps) == len(values) == len(labels):
            raise InvalidInput(
                f"{len(steps)} steps, {len(labels)} tasks, {len(values)} values: expected as many of each"
            )
        if not len(steps):
            raise InvalidInput("there are no evaluations: expected rows of step, task and accuracy")
        names, codes = np.unique(labels.astype(str), return_inverse=True)
        kept, notes = _visits(visits, int(steps.max()))
        order_of_names = _order([str(name) for name in names], kept)
        codes = np.array([order_of_names.index(str(name)) for name in names])[codes]
        order = np.lexsort((steps, codes))
        columns = {"n": _column(n, len(steps), "n"), "n_invalid": _column(n_invalid, len(steps), "n_invalid")}
        extra = {name: _column(one, len(steps), name)[order] for name, one in (also or {}).items()}
        made = cls(
            tuple(order_of_names), steps[order], codes[order], values[order], columns["n"][order],
            columns["n_invalid"][order], kept, extra, fixed, notes,
        )  # fmt: skip
        _check(made, strict)
        return replace(made, notes=notes + _remarks(made))

    def curve(self, name: str, metric: str | None = None) -> TaskCurve:
        """One task's evaluations of the main metric or of one in `also`, where it was measured."""
        if name not in self.names:
            raise InvalidInput(f"task {name!r} was never evaluated: expected one of {', '.join(self.names)}")
        cut = slice(*np.searchsorted(self.task, [self.names.index(name), self.names.index(name) + 1]))
        value = (self.value if metric is None else self.also[metric])[cut]
        there = np.isfinite(value)
        return TaskCurve(self.step[cut][there], value[there], self.n[cut][there], self.n_invalid[cut][there])

    @cached_property
    def now(self) -> int:
        """The last step at which anything was evaluated."""
        return int(self.step.max())

    @cached_property
    def begun(self) -> tuple[ClosedVisit, ...]:
        """Visits of which the record shows anything, in order, an open or unfinished end replaced by `now`."""
        found = [visit for visit in self.visits if visit.start < self.now or visit.end == visit.start]
        return tuple(ClosedVisit(v.task, v.start, self.now if v.end is None else min(v.end, self.now)) for v in found)

    @cached_property
    def trained(self) -> tuple[tuple[int, ClosedVisit], ...]:
        """Begun visits that trained anything, each with the start of the one before (-1: none).

        Of a metric's curve, the last evaluation after that step and up to the visit's start is the model as the visit
        found it. A task learned before the run was not trained in it and hides no evaluation.
        """
        visits = [visit for visit in self.begun if visit.end > visit.start]
        return tuple(zip([-1, *(visit.start for visit in visits)], visits, strict=False))

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Evaluated tasks that have begun, in the order in which they were first learned; k of them."""
        return tuple(dict.fromkeys(visit.task for visit in self.begun if visit.task in self.names))

    @cached_property
    def current(self) -> ClosedVisit | None:
        """The visit that is under way, or the last one; its task is the k-th of the formulas."""
        return self.begun[-1] if self.begun else None

    @cached_property
    def earlier(self) -> tuple[str, ...]:
        """Tasks learned before the current one: those that can have been forgotten; k - 1 of them."""
        return tuple(name for name in self.tasks if self.current is None or name != self.current.task)

    def latest(self, name: str) -> ClosedVisit:
        """The last begun visit of a task."""
        return [visit for visit in self.begun if visit.task == name][-1]

    def end_of(self, name: str, visit: ClosedVisit | None) -> TaskCurve:
        """The task's last evaluation within a visit of any task: at most one row.

        A visit that was over before the run began is read from the evaluation at its end.
        """
        if visit is None:
            return self.curve(name).between(-1, -1)
        part = self.curve(name).between(visit.start - (visit.end == visit.start), visit.end)
        return part.between(part.step[-2] if len(part) > 1 else -1, visit.end)

    def at_end(self, name: str, visit: ClosedVisit) -> float:
        """A(E_i, f_end), the value of `end_of`; NaN where there is none."""
        last = self.end_of(name, visit)
        return float(last.value[0]) if len(last) else float("nan")

    def cadence(self, names: Iterable[str] | None = None) -> float:
        """Median steps between two evaluations of a task: windows of evaluations mean nothing without it."""
        gaps = self._gaps(self.names if names is None else names)
        return float(np.median(gaps)) if len(gaps) else float("nan")

    def spacing(self) -> str:
        """The cadence in words: "one every 10 steps", or "one every 1 to 500 steps, the median 1"."""
        gaps = self._gaps(self.names)
        if not len(gaps):
            return "none evaluated twice"
        least, most, usual = int(gaps.min()), int(gaps.max()), float(np.median(gaps))
        if least == most:
            return f"one every {least} step{'s' * (least > 1)}"
        return f"one every {least} to {most} steps, the median {usual:g}"

    def _gaps(self, names: Iterable[str]) -> np.ndarray:
        return np.concatenate([np.diff(self.curve(name).step) for name in names] or [np.empty(0)])


def _column(given: ArrayLike | None, rows: int, name: str) -> np.ndarray:
    if given is None:
        return np.full(rows, np.nan)
    column = np.array([np.nan if one is None else one for one in np.atleast_1d(np.asarray(given, object))], float)
    if len(column) not in (1, rows):
        raise InvalidInput(f"{len(column)} values of {name} for {rows} evaluations: expected one for each")
    return np.broadcast_to(column, rows).copy()


def _visits(
    given: Iterable[Visit | tuple[str, int, int | None]], last: int
) -> tuple[tuple[Visit, ...], tuple[str, ...]]:
    """The visits in order, ends filled in, and what had to be understood."""
    ordered = sorted((v if isinstance(v, Visit) else Visit(*v) for v in given), key=lambda v: v.start)
    kept: list[Visit] = []
    notes: list[str] = []
    for visit, following in zip(ordered, [*ordered[1:], None], strict=False):
        start, end = visit.start, visit.end
        if start < 0:
            raise InvalidInput(f"task {visit.task!r} begins at step {start}: expected steps from 0 on")
        if end is not None and end < start:
            raise InvalidInput(f"task {visit.task!r} ends at step {end} before it begins at step {start}")
        if end is None and following is not None:
            end = following.start
            notes.append(f"task {visit.task!r} has no end: it is taken to end where {following.task!r} begins ({end})")
        elif end is None:
            notes.append(f"task {visit.task!r} never ends: it counts as still being learned at step {last}")
        elif end > last:
            notes.append(f"task {visit.task!r} ends at step {end}, after the last evaluation: still being learned")
        before = kept[-1].end if kept else None
        if before is not None and start == before + 1:
            start = before  # given by its first step
        if before is not None and start < before:
            raise InvalidInput(
                f"task {visit.task!r} begins at step {start}, before {kept[-1].task!r} ends at step {before}: expected "
                "one task at a time"
            )
        kept.append(Visit(str(visit.task), int(start), None if end is None else int(end)))
    return tuple(kept), tuple(notes)


def _order(names: list[str], visits: tuple[Visit, ...]) -> list[str]:
    visited = [name for name in dict.fromkeys(visit.task for visit in visits) if name in names]
    return visited + [name for name in names if name not in visited]


def _check(record: Evaluations, strict: bool) -> None:

    def where(i: int) -> str:
        return f"step {record.step[i]}, task {record.names[record.task[i]]!r}"

    outside = (record.value < 0) | (record.value > 1) | np.isinf(record.value)
    if outside.any():
        i = int(np.argmax(outside))
        raise InvalidInput(f"{where(i)}: accuracy {record.value[i]:g}, expected a share between 0 and 1, not per cent")
    if (record.step < 0).any():
        raise InvalidInput(f"{where(int(np.argmin(record.step)))}: expected steps from 0 on")
    twice = (np.diff(record.step) == 0) & (np.diff(record.task) == 0)
    if twice.any():
        raise InvalidInput(
            f"{where(int(np.argmax(twice)))} is evaluated twice: expected one row for each step and task; keep the "
            "surviving attempt and one metric"
        )
    wrong = (record.n <= 0) | (record.n_invalid < 0) | (record.n_invalid > record.n)
    if wrong.any():
        i = int(np.argmax(wrong))
        counts = f"n = {record.n[i]:g} and n_invalid = {record.n_invalid[i]:g}"
        raise InvalidInput(f"{where(i)}: {counts}, expected n > 0 and n_invalid between 0 and n")
    if strict:
        _match(set(record.names), {visit.task for visit in record.visits})


def _match(evaluated: set[str], visited: set[str]) -> None:
    for name in sorted(evaluated - visited):
        raise InvalidInput(
            f"task {name!r} is evaluated but no boundary names it: expected one of "
            f"{', '.join(sorted(visited)) or 'none'}; add `{name},START,END`, or `{name},0,0` if it was learned before"
        )
    for name in sorted(visited - evaluated):
        raise InvalidInput(
            f"task {name!r} of the boundaries is never evaluated: expected one of {', '.join(sorted(evaluated))}"
        )


def _remarks(record: Evaluations) -> tuple[str, ...]:
    """What is right as it is and worth knowing."""
    said = []
    first = {name: min((v.start for v in record.visits if v.task == name), default=None) for name in record.names}
    for name, start in first.items():
        early = 0 if start is None else int((record.curve(name).step < start).sum())
        if early:
            said.append(
                f"{early} evaluation{'s' * (early > 1)} of {name!r} before it begins at step {start}: counted for "
                "forward transfer and for windows (WF, WP), not for forgetting"
            )
    for name in dict.fromkeys(v.task for v in record.visits if v.task not in record.names):
        said.append(f"task {name!r} is learned but never evaluated: it counts in no measure")
    missing = int(np.isnan(record.value).sum())
    if missing and not record.also:
        said.append(f"{missing} evaluation{'s' * (missing > 1)} without an accuracy left out")
    return tuple(said)
