"""The schedule that a run's own gradient norms suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from .....errors import CannotForecast
from ..future import Future, FutureKind, GradientNorms, Questions, Start
from ..schedule import Schedule
from .knots import piecewise

FEWEST = 10  # norms
KNOTS = 2000
MOST = 10_000  # norms that the filter looks at: of more, medians over neighbours


def refined(gradient_norms: ArrayLike, peak: float, total: int, width: int | None = None) -> Schedule:
    """The schedule that a run's own gradient norms suggest, for the next run of `total` steps at `peak`.

    w_t = 1 / |g_t|^2 after a median filter, eta_t ~ w_t * sum_{p>t} w_p: the optimal worst-case last-iterate schedule
    for these norms. It shows a warm-up where early norms are large, and decays to 0; equal norms give linear decay.
    With Adam, give L1 norms and their square root, since its weights are 1 / |g_t|_1. Source: Defazio et al. 2023,
    "When, Why and How Much?", arXiv 2310.07831."""
    norms = np.asarray(gradient_norms, float)
    known = np.isfinite(norms) & (norms > 0)
    if known.sum() < FEWEST:
        raise CannotForecast(
            f"a refined schedule needs at least 10 finite gradient norms above 0, got {int(known.sum())}"
        )
    norms = np.interp(np.arange(len(norms)), np.flatnonzero(known), norms[known])
    if len(norms) > MOST:  # a window over a million norms, for each of them, fits into no memory
        size = -(-len(norms) // MOST)
        norms = np.median(np.pad(norms, (0, -len(norms) % size), mode="edge").reshape(-1, size), axis=1)
    width = max(3, len(norms) // 50) if width is None else width
    padded = np.pad(norms, (width // 2, width - 1 - width // 2), mode="edge")
    weight = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1) ** -2.0
    rate = weight * np.concatenate([np.cumsum(weight[::-1])[::-1][1:], [0.0]])
    steps = np.linspace(1, total, len(rate))
    knots = np.unique(np.linspace(1, total, min(total, KNOTS)).astype(int))
    return Schedule(knots, peak * np.interp(knots, steps, rate / rate.max()))


def refined_from(norms: GradientNorms, peak: float, total: int) -> Schedule:
    """The same from recorded norms, of whichever kind they are."""
    return refined(np.sqrt(np.abs(norms.values)) if norms.l1 else norms.values, peak, total)


@dataclass(frozen=True)
class Refined(Future):
    """The refined schedule, entered at the learning rate that the run has."""

    word: ClassVar[str] = "refined"

    def arguments(self) -> tuple[str, ...]:
        return ()

    @property
    def label(self) -> str:
        return "refined from gradient norms"

    def apply(self, start: Start) -> Schedule:
        if start.norms is None:
            raise CannotForecast("this run recorded no gradient norms")
        schedule = start.schedule
        ideal = refined_from(start.norms, schedule.peak, schedule.total)
        level = schedule.eta[start.at - 1] / max(ideal.eta[start.at - 1], 1e-300)
        return piecewise(schedule, start.at, ideal.steps, ideal.lr * level)


def parse(arguments: Sequence[str]) -> Refined:
    return Refined()


def ask(start: Start) -> Questions:
    return Refined()
    yield


KIND = FutureKind("refined", "Refined from gradient norms", parse, ask, 7)
