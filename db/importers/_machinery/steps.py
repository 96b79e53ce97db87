"""Which step each row of a log belongs to, and where a run was set back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ....keys import SeriesKey
from ...records import Attempt
from ...series.lineage import line
from .batch import Batch, Column
from .roles import normal, ranked

_FARTHEST = 2**53  # beyond it a float is no exact step
_COARSE = ("batch", "batch_idx", "epoch", "epochs")  # no step where many rows share one
_MOST = 1000  # set-backs in one batch; a log with more is not in order of step at all


class Steps:
    """Finds the column that counts steps, and counts on where each epoch begins again at 0.

    A row without a step has the step of the row before it. A log without any such column has its row's number as step.
    """

    def __init__(self, column: str | None = None) -> None:
        self.column = column
        self._epoch: str | None = None
        self._decided = column is not None
        self._rows = 0
        self._last: tuple[int, float, int] | None = None  # of the row before: its step, its epoch, and its step's gap
        self._offset = 0

    def of(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], whether they are readable [n]); takes the column of the steps out of the batch."""
        n = len(batch.lines)
        if batch.steps is not None:
            return batch.steps, np.ones(n, bool)
        if not self._decided:
            self._decide(batch.columns)
        if self.column is None:
            steps = np.arange(self._rows, self._rows + n)
            self._rows += n
            return steps, np.ones(n, bool)
        column = batch.columns.pop(self.column, None)
        raw = np.full(n, np.nan)
        good = np.ones(n, bool)
        if column is not None:
            exact = np.abs(column.values) < _FARTHEST
            exact &= np.where(exact, column.values, 0.5) % 1 == 0
            raw[column.rows[exact]] = column.values[exact]
            good[column.rows[~exact]] = False
            good[column.odd] = False
        steps = _held(raw, self._last[0] if self._last else 0)
        return self._counted_on(steps, batch.columns.get(self._epoch) if self._epoch else None), good

    def _decide(self, columns: dict[str, Column]) -> None:
        for name in ranked(columns, "step"):
            values = columns[name].values
            whole = len(values) and np.mean(np.where(np.isfinite(values), values, 0.5) % 1 == 0) > 0.5
            coarse = normal(name) in _COARSE and len(values) > 1 and np.mean(np.diff(values) != 0) < 0.2
            if whole and not coarse:
                self.column = name
                break
        epochs = [name for name in columns if normal(name) in ("epoch", "epochs") and name != self.column]
        self._epoch = epochs[0] if epochs else None
        self._decided = bool(columns)

    def _counted_on(self, steps: np.ndarray, epoch: Column | None) -> np.ndarray:
        """Where a step falls and the epoch rises, a new epoch has begun: its steps follow on those of the last."""
        if not len(steps):
            return steps
        at = np.full(len(steps), np.nan)
        if epoch is not None:
            at[epoch.rows] = epoch.values
        at = _held(at, self._last[1] if self._last else 0)
        last, last_epoch, gap = self._last or (int(steps[0]), at[0], 1)
        before = np.append(last, steps[:-1])
        moved = steps - before
        gaps = _held(np.where(moved > 0, moved, np.nan).astype(float), gap)
        risen = np.diff(at, prepend=last_epoch) > 0
        new = (moved < 0) & risen
        offset = self._offset + np.cumsum(np.where(new, before + gaps - steps, 0))
        self._last = int(steps[-1]), at[-1], int(gaps[-1])
        self._offset = int(offset[-1])
        counted: np.ndarray = steps + offset
        return counted


def _held(values: np.ndarray, first: float) -> np.ndarray:
    """Each NaN replaced by the value before it; int64 where all are whole."""
    at = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
    held = np.where(at >= 0, values[at], first)
    return held.astype(np.int64) if (held % 1 == 0).all() else held


class Line:
    """Cuts a log along the attempts that its own notes list: each step is that attempt's which survived there."""

    def __init__(self, attempts: list[Attempt]) -> None:
        self.pieces = line(attempts)
        self.starts = {attempt.number: attempt.from_step for attempt in attempts}
        self.disordered = False
        self.number, self.from_step = attempts[0].number, attempts[0].from_step

    def cut(self, steps: np.ndarray, rows: dict[SeriesKey, np.ndarray]) -> Iterable[tuple[int, int]]:
        """As `Attempts.cut`."""
        at = np.searchsorted([piece.low for piece in self.pieces], steps) - 1
        edges = [0, *(np.flatnonzero(np.diff(at)) + 1).tolist(), len(steps)]
        for a, b in zip(edges, edges[1:], strict=False):
            if b > a:
                self.number = self.pieces[max(at[a], 0)].attempt
                self.from_step = self.starts[self.number]
                yield a, b


class Attempts:
    """Cuts a log where the same series goes back to an earlier step: a run that was set back to a checkpoint.

    Series of different cadence may be late against each other: only a series that falls behind itself is a set-back.
    """

    def __init__(self) -> None:
        self.number, self.from_step = 0, 0
        self.disordered = False
        self._last: dict[SeriesKey, int] = {}

    def cut(self, steps: np.ndarray, rows: dict[SeriesKey, np.ndarray]) -> Iterable[tuple[int, int]]:
        """Yields (first row, end row) of each stretch; `number` and `from_step` are those of its attempt."""
        starts = self._setbacks(steps, rows)
        if len(starts) > 1 and (4 * len(starts) > len(steps) or len(starts) > _MOST):
            self.disordered, starts = True, []
        edges = [0, *starts, len(steps)]
        for i, (a, b) in enumerate(zip(edges, edges[1:], strict=False)):
            if i:
                self.number, self.from_step = self.number + 1, int(steps[a]) - 1
                self._last.clear()
            if b > a:
                yield a, b
            for key, at in rows.items():
                first, end = np.searchsorted(at, [a, b])
                if end > first:
                    self._last[key] = max(int(steps[at[first:end]].max()), self._last.get(key, -_FARTHEST))

    def _setbacks(self, steps: np.ndarray, rows: dict[SeriesKey, np.ndarray]) -> list[int]:
        """The rows before which an attempt ended, in order."""
        falls = []
        for key, at in rows.items():
            mine = steps[at]
            before = np.append(self._last.get(key, -_FARTHEST), mine[:-1])[: len(mine)]
            for i in np.flatnonzero(mine < before):
                falls.append((int(at[i]), int(at[i - 1]) if i else -1))
        starts, start = [], -1
        for row, row_before in sorted(falls):
            if row_before >= start and not self._others_go_on(steps, rows, row):
                starts.append(row)  # otherwise it fell behind an attempt that had ended already
                start = row
        return starts

    def _others_go_on(self, steps: np.ndarray, rows: dict[SeriesKey, np.ndarray], row: int) -> bool:
        """Whether some series was beyond the step of `row` and is next seen still further: the run was not set back.

        One series that begins again counts on its own, e.g. the batches of each epoch.
        """
        for key, at in rows.items():
            i = int(np.searchsorted(at, row))
            last = int(steps[at[i - 1]]) if i else self._last.get(key, -_FARTHEST)
            if steps[row] < last and i < len(at) and steps[at[i]] > last:
                return True
        return False
