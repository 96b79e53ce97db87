"""The learning rate of a run, step by step, whatever cadence it was logged at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ....errors import CannotForecast

REFERENCE = 10_000.0  # effective steps at which the power-law term of every law is quoted
BLOCKS = 384  # most groups of LR changes that a law sums over
FOUND = -1  # as a warm-up: it is to be found from the knots
TINY, PAUSE = 1e-9, 0.05  # a change of the LR (/ peak) that counts; a rest (share of all steps) within a warm-up
CELLS = 2048  # most cells of the quadrature of a power of the LR


@dataclass(frozen=True, eq=False)
class Schedule:
    """The LR eta_k of every optimizer step k = 1..total, from knots by linear interpolation.

    Every LR law sums over single optimizer steps: an LR that was logged every 128 steps and then used as if it
    were per step costs percents of loss, so knots are always spread out to steps first.

    `steps` and `lr` are the knots (any cadence, increasing steps). `warmup` is the last step of the warm-up, found
    from the knots when it is not given; `peak` is the largest LR. Raises ValueError for an LR that cannot be used.
    """

    steps: np.ndarray
    lr: np.ndarray
    warmup: int = FOUND

    def __post_init__(self) -> None:
        steps, lr = np.asarray(self.steps, float), np.asarray(self.lr, float)
        if steps.ndim != 1 or steps.shape != lr.shape or len(steps) < 2:
            raise CannotForecast(
                f"a schedule needs two equally long columns, step and lr, of at least 2 rows; "
                f"got {steps.shape} and {lr.shape}"
            )
        if np.any(np.diff(steps) <= 0):
            raise CannotForecast(
                "the steps of a schedule must increase: keep one attempt of a run that was rolled back"
            )
        if not np.all(np.isfinite(lr)) or lr.min() < 0 or lr.max() <= 0:
            raise CannotForecast(
                "the learning rate must be finite, never negative and somewhere above 0; "
                f"got {np.nanmin(lr):g} to {np.nanmax(lr):g}"
            )
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "lr", lr)
        if self.warmup == FOUND:
            object.__setattr__(self, "warmup", self._find_warmup())

    @classmethod
    def dense(cls, lr: Sequence[float] | np.ndarray, warmup: int = FOUND) -> Schedule:
        """The schedule whose k-th value (from 0) is the LR of optimizer step k + 1."""
        return cls(np.arange(1, len(lr) + 1), np.asarray(lr, float), warmup)

    def _find_warmup(self) -> int:
        """The last rise before the first fall of the LR; a warm-up in stairs rests between rises, not for long."""
        rises = np.diff(self.lr) / self.peak
        falls = np.flatnonzero(rises < -TINY)
        up = np.flatnonzero(rises[: falls[0]] > TINY) if len(falls) else np.flatnonzero(rises > TINY)
        end, rest = self.steps[0], PAUSE * self.total
        for rise in up:
            if self.steps[rise] - end > rest:
                break
            end = self.steps[rise + 1]
        return int(end) if end > self.steps[0] else 0

    @property
    def total(self) -> int:
        return int(self.steps[-1])

    @cached_property
    def peak(self) -> float:
        return float(self.lr.max())

    @cached_property
    def eta(self) -> np.ndarray:
        """eta_k for k = 1..total, shape (total,)."""
        return np.asarray(np.interp(np.arange(1, self.total + 1), self.steps, self.lr))

    @cached_property
    def tau(self) -> np.ndarray:
        """Effective steps S1(t) / peak for t = 0..total, shape (total + 1,): the LR integral in units of the peak."""
        return np.concatenate([[0.0], np.cumsum(self.eta / self.peak)])

    @cached_property
    def blocks(self) -> LRBlocks:
        return LRBlocks.of(self)

    def corners(self, most: int) -> np.ndarray:
        """The steps of at most `most` knots, those at which the LR bends most."""
        slope = np.diff(self.lr) / np.diff(self.steps)
        bend = np.concatenate([[np.inf], np.abs(np.diff(slope)), [np.inf]])
        knots = np.sort(np.argsort(-bend, kind="stable")[:most])
        return np.unique(np.clip(self.steps[knots].astype(int), 1, self.total))

    def upto(self, step: int) -> Schedule:
        """The same schedule, cut after `step`."""
        keep = self.steps < step
        last = np.interp(step, self.steps, self.lr)
        return Schedule(np.append(self.steps[keep], step), np.append(self.lr[keep], last), min(self.warmup, step))

    def rewarmed(self, step: int) -> bool:
        """Whether the LR has risen again after its warm-up, up to `step`."""
        eta = self.eta[max(self.warmup or 0, 1) - 1 : step] / self.peak
        return bool(len(eta) > 1 and np.max(eta - np.minimum.accumulate(eta)) > 0.05)

    def moved(self, start: int, end: int) -> float:
        """How much the LR changed over steps start..end after the warm-up, in units of the peak."""
        lr = self.eta[max(start, self.warmup, 1) - 1 : end]
        return float(np.abs(np.diff(lr)).sum() / self.peak) if len(lr) > 1 else 0.0


@dataclass(frozen=True, eq=False)
class LRBlocks:
    """LR changes of neighbouring steps, grouped: the LR goes from `high` to `low` (/ peak) over steps (start, end].

    A law sums over LR changes; grouping them makes a fit hundreds of times cheaper. A block's changes are taken to
    happen evenly over it, so the error is of second order in block length / time constant of the law; a jump of the
    LR within one step keeps a block of its own. Tested: < 1e-3 of the annealing term for time constants >= 50 steps.
    """

    start: np.ndarray
    end: np.ndarray
    high: np.ndarray
    low: np.ndarray
    warm: np.ndarray  # True where the block belongs to the warm-up

    @classmethod
    def of(cls, schedule: Schedule) -> LRBlocks:
        eta = np.concatenate([[0.0], schedule.eta]) / schedule.peak
        edges = _edges(schedule, eta, BLOCKS)
        start, end = edges[:-1], edges[1:]
        keep = np.abs(eta[start] - eta[end]) > 1e-12
        start, end = start[keep], end[keep]
        return cls(start, end, eta[start], eta[end], end <= max(schedule.warmup, 1))


def _edges(schedule: Schedule, eta: np.ndarray, most: int) -> np.ndarray:
    """Steps that cut a schedule into at most about `most` pieces, with the end of the warm-up and every jump cut
    out.
    """
    length = max(8, -(-schedule.total // most))
    edges: set[int] = set(range(0, schedule.total, length)) | {1, min(schedule.warmup, schedule.total), schedule.total}
    jumps = np.flatnonzero(np.abs(np.diff(eta)) > 0.02)
    if len(jumps) <= 64:  # more than that is a schedule drawn by hand or noise: the pieces are fine enough
        edges |= set(jumps.tolist()) | set((jumps + 1).tolist())
    return np.array(sorted(edges))


@dataclass(frozen=True, eq=False)
class LRHistory:
    """What a law needs to be evaluated at given steps of a schedule: built once, used by every evaluation of a fit.

    `tau` (n,) effective steps / REFERENCE. For the K blocks of LR changes: `high` (K,) relative LR before, `low` (n, K)
    relative LR after the part of the block that has happened, `age` (n, K) optimizer steps and `run` (n, K)
    effective steps since (from the middle of that part), `warm` (K,) whether it is warm-up. For powers of the LR:
    `after` (K,) relative LR once a jump has happened, or in the middle of gradual changes.
    `cell_lr` (M,) relative LR and `cell_length` (M,) steps of the cells of a quadrature, and `share` (n,) where among
    their edges each step lies.
    """

    steps: np.ndarray
    tau: np.ndarray
    high: np.ndarray
    low: np.ndarray
    age: np.ndarray
    run: np.ndarray
    warm: np.ndarray
    after: np.ndarray
    cell_lr: np.ndarray
    cell_length: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, schedule: Schedule, steps: ArrayLike) -> LRHistory:
        at = np.clip(np.asarray(steps, float), 1, schedule.total)
        blocks, clock = schedule.blocks, np.arange(schedule.total + 1.0)
        eta = np.concatenate([[0.0], schedule.eta]) / schedule.peak
        tau, now = np.interp(at, clock, schedule.tau), at[:, None]
        until = np.clip(now, blocks.start, blocks.end)
        middle = 0.5 * (blocks.start + until)
        edges = _edges(schedule, eta, CELLS)
        return cls(
            at,
            np.maximum(tau, 1e-9) / REFERENCE,
            blocks.high,
            np.interp(until, clock, eta),
            np.maximum(now - middle, 0),
            np.maximum(tau[:, None] - np.interp(middle, clock, schedule.tau), 0),
            blocks.warm,
            np.where(blocks.end - blocks.start <= 1, blocks.low, (blocks.high + blocks.low) / 2),
            np.diff(schedule.tau[edges]) / np.diff(edges),
            np.diff(edges).astype(float),
            np.interp(at, edges, np.arange(len(edges))),
        )

    @property
    def drop(self) -> np.ndarray:
        """(n, K) the fall of the relative LR in each block so far."""
        return np.asarray(self.high - self.low)
