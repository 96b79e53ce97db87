"""Learning rates that a run could still get: the plan continued, cut short, stretched, raised or redrawn.

Each function takes the schedule so far and the step `at` from which it may change, and gives a whole schedule with the
same past, to be handed to `Forecast.under`.
"""

from __future__ import annotations

import numpy as np

from ....errors import CannotForecast
from .schedule import Schedule

POINTS = 200  # knots of a curved piece


def _shape(kind: str, u: np.ndarray, high: float, low: float) -> np.ndarray:
    """The LR from `high` (u = 0) to `low` (u = 1)."""
    if kind == "linear":
        return high + (low - high) * u
    if kind == "cosine":
        return low + (high - low) * 0.5 * (1 + np.cos(np.pi * u))
    if kind == "sqrt":
        return low + (high - low) * (1 - np.sqrt(u))
    if kind == "inverse":
        if low <= 0:
            raise CannotForecast("an inverse decay needs an end above 0: 1 / LR runs linearly from 1 / high to 1 / low")
        return 1 / ((1 - u) / high + u / low)
    raise CannotForecast(f"unknown decay {kind!r}: choose linear, cosine, sqrt or inverse")


def _append(schedule: Schedule, at: int, steps, lr) -> Schedule:
    """The schedule up to `at`, then the given knots (steps > at)."""
    past = schedule.upto(min(at, schedule.total)) if at < schedule.total else schedule
    return Schedule(np.concatenate([past.steps, steps]), np.concatenate([past.lr, lr]), schedule.warmup)


def decay_now(schedule: Schedule, at: int, over: int, kind: str = "linear", to: float = 0.0) -> Schedule:
    """Decay from step `at` over `over` steps to `to` times the peak ("what would I get if I stopped here?")."""
    if over < 1:
        raise CannotForecast(f"a decay needs at least 1 step, got {over}")
    u = np.arange(1, over + 1) / over if over <= POINTS else np.linspace(0, 1, POINTS + 1)[1:]
    return _append(schedule, at, at + u * over, _shape(kind, u, schedule.eta[at - 1], to * schedule.peak))


def hold(schedule: Schedule, at: int, until: int, over: int = 0, kind: str = "linear", to: float = 0.0) -> Schedule:
    """Keep the LR of step `at` and end at step `until`, the last `over` steps of it decaying."""
    if until - over < at:
        raise CannotForecast(f"there is no room for a decay of {over} steps between step {at} and step {until}")
    if until - over == at:
        return decay_now(schedule, at, over, kind, to)
    held = _append(schedule, at, [until - over], [schedule.eta[at - 1]])
    return decay_now(held, until - over, over, kind, to) if over else held


def extend(schedule: Schedule, at: int, total: int) -> Schedule:
    """Stretch what is left of the plan after `at` so that it ends at step `total`."""
    if total <= at:
        raise CannotForecast(f"the new end {total} must lie after step {at}")
    later = np.arange(at + 1, schedule.total + 1)[:: max(1, (schedule.total - at) // 2000)]
    later = np.union1d(later, [schedule.total])
    new = at + (later - at) * (total - at) / (schedule.total - at)
    return _append(schedule, at, new, schedule.eta[later - 1])


def another_peak(schedule: Schedule, factor: float) -> Schedule:
    """The same plan at `factor` times the LR: for a run that has not started."""
    if factor <= 0:
        raise CannotForecast(f"the LR can only be multiplied by something above 0, got {factor}")
    return Schedule(schedule.steps, schedule.lr * factor, schedule.warmup)


def cycles(schedule: Schedule, at: int, ends: list[int], over: float = 0.1, to: float = 0.1) -> Schedule:
    """WSD-S: hold the LR, decay before each of `ends` (the last `over` of each stretch) to `to`, and jump back up.

    Source: "Understanding Warmup-Stable-Decay Learning Rates", arXiv 2410.05192; its decay is inverse.
    """
    high, steps, lr, begin = schedule.eta[at - 1], [], [], at
    for end in ends:
        length = max(int(over * (end - begin)), 2)
        if end <= begin + 2:
            raise CannotForecast(f"the ends of cycles must increase and lie after step {at}, got {ends}")
        u = np.linspace(0, 1, min(length, 100) + 1)
        if begin + 1 < end - length:
            steps.append([begin + 1])
            lr.append([high])
        steps.append(end - length + u * length)
        lr.append(_shape("inverse", u, high, to * schedule.peak))
        begin = end
    steps, lr = np.concatenate(steps), np.concatenate(lr)
    keep = steps > at
    return _append(schedule, at, steps[keep], lr[keep])


def piecewise(schedule: Schedule, at: int, steps, lr) -> Schedule:
    """A future drawn as knots (step, LR) or read from a CSV; knots up to `at` are ignored, the past being what it
    was.
    """
    steps, lr = np.asarray(steps, float), np.asarray(lr, float)
    keep = steps > at
    if not keep.any():
        raise CannotForecast(f"no knot lies after step {at}, up to which the run has already gone")
    return _append(schedule, at, steps[keep], lr[keep])


def refined(gradient_norms, peak: float, total: int, width: int | None = None) -> Schedule:
    """The schedule that a run's own gradient norms suggest, for the next run of `total` steps at `peak`.

    w_t = 1 / |g_t|^2 after a median filter, eta_t ~ w_t * sum_{p>t} w_p: the optimal worst-case last-iterate schedule
    for these norms. It shows a warm-up where early norms are large, and decays to 0; equal norms give linear decay.
    With Adam, give L1 norms and their square root, since its weights are 1 / |g_t|_1. Source: Defazio et al. 2023,
    "When, Why and How Much?", arXiv 2310.07831."""
    norms = np.asarray(gradient_norms, float)
    known = np.isfinite(norms) & (norms > 0)
    if known.sum() < 10:
        raise CannotForecast(
            f"a refined schedule needs at least 10 finite gradient norms above 0, got {int(known.sum())}"
        )
    norms = np.interp(np.arange(len(norms)), np.flatnonzero(known), norms[known])
    width = max(3, len(norms) // 50) if width is None else width
    padded = np.pad(norms, (width // 2, width - 1 - width // 2), mode="edge")
    weight = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1) ** -2.0
    rate = weight * np.concatenate([np.cumsum(weight[::-1])[::-1][1:], [0.0]])
    steps = np.linspace(1, total, len(rate))
    knots = np.unique(np.linspace(1, total, min(total, 2000)).astype(int))
    return Schedule(knots, peak * np.interp(knots, steps, rate / rate.max()))
