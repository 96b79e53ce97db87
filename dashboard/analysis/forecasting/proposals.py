"""Plans proposed for a run whose scheduler is unknown: shapes fitted to the learning rate seen so far."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from .schedule import Schedule


@dataclass(frozen=True, eq=False)
class ProposedPlan:
    """A proposed schedule: its shape, the whole LR, and how far (share of the peak) it is from what was seen."""

    shape: str
    schedule: Schedule
    misfit: float


def proposals(steps: ArrayLike, lr: ArrayLike, total: int | None = None) -> list[ProposedPlan]:
    """Constant, cosine, linear and WSD plans through the LR seen so far, best fit first.

    `total` is the planned number of steps where it is known; else it is fitted, and where the LR has not moved it is
    taken as twice the steps so far, for the user to change. Raises ValueError for an LR that cannot be used."""
    seen = Schedule(np.asarray(steps, float), np.asarray(lr, float))
    at, peak, start = seen.total, seen.peak, min(seen.warmup, seen.total - 1)
    known = np.unique(np.linspace(max(start, 1), at, 400).astype(int))
    observed = seen.eta[known - 1] / peak
    moved = seen.moved(start, at) > 1e-3

    def cosine(t: np.ndarray, end: float, low: float) -> np.ndarray:
        return np.asarray(low + (1 - low) * 0.5 * (1 + np.cos(np.pi * np.clip((t - start) / (end - start), 0, 1))))

    def linear(t: np.ndarray, end: float, low: float) -> np.ndarray:
        return np.asarray(1 - (1 - low) * np.clip((t - start) / (end - start), 0, 1))

    def wsd(t: np.ndarray, end: float, low: float, begin: float) -> np.ndarray:
        return np.asarray(1 - (1 - low) * np.clip((t - begin) / np.maximum(end - begin, 1), 0, 1))

    plans = [_plan("constant", lambda t: np.ones_like(t, float), seen, at, total or 2 * at, known, observed)]
    for name, shape in (("cosine", cosine), ("linear", linear)):
        if not moved:
            end, low = float(total or 2 * at), 0.0
        elif name == "linear" and total is None:  # its end and its lowest LR cannot both be seen: to 0, as most are
            end, low = start + (at - start) / max(1 - observed[-1], 1e-6), 0.0
        else:
            end, low = _fit(shape, known, observed, at, start, total)
        drawn = functools.partial(shape, end=end, low=low)
        plans.append(_plan(name, drawn, seen, at, int(round(end)), known, observed))
    fallen = observed < 0.995
    begin = float(known[max(int(np.argmax(fallen)) - 1, 0)]) if fallen.any() else max(0.8 * (total or 2 * at), at)
    if fallen.any() and total is None:
        slope = (1 - observed[-1]) / max(at - begin, 1)
        end = max(begin + 1 / slope, at)
    else:
        end = float(total or 2 * at)
    plans.append(_plan("wsd", lambda t: wsd(t, end, 0.0, begin), seen, at, int(round(end)), known, observed))
    order = {"constant": 0, "wsd": 1, "cosine": 2, "linear": 3}  # where two fit alike, the simpler story first
    return sorted(plans, key=lambda plan: (round(plan.misfit, 3), order[plan.shape]))


def _fit(
    shape: Callable[[np.ndarray, float, float], np.ndarray],
    known: np.ndarray,
    observed: np.ndarray,
    at: int,
    start: int,
    total: int | None,
) -> tuple[float, float]:
    """End and lowest LR (share of the peak) of a decaying shape; a known `total` fixes the end."""

    def residual(x: np.ndarray) -> np.ndarray:
        end = total or start + (at - start) * (1 + np.exp(x[1]))
        return np.asarray(shape(known, end, 1 / (1 + np.exp(-x[0]))) - observed)

    tried = [least_squares(residual, [low, left]) for low in (-4.0, -2.0) for left in (-3.0, 0.0, 1.5)]
    low, left = min(tried, key=lambda found: found.cost).x
    return float(total or start + (at - start) * (1 + np.exp(min(left, 6)))), float(1 / (1 + np.exp(-low)))


def _plan(
    name: str,
    shape: Callable[[np.ndarray], np.ndarray],
    seen: Schedule,
    at: int,
    total: int,
    known: np.ndarray,
    observed: np.ndarray,
) -> ProposedPlan:
    misfit = float(np.sqrt(np.mean((shape(known) - observed) ** 2)))
    total = max(total, at)
    future = np.unique(np.linspace(at + 1, total, 500).astype(int)) if total > at else np.empty(0, int)
    return ProposedPlan(
        name,
        Schedule(
            np.concatenate([seen.steps, future]), np.concatenate([seen.lr, seen.peak * shape(future)]), seen.warmup
        ),
        misfit,
    )
