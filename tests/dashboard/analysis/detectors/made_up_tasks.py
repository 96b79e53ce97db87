"""Made-up evaluations of a sequence of tasks, for the detectors of what goes wrong in one."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.analysis.detectors.detector import Happening

VISIT = 500  # steps


def sequence(*names: str, visit: int = VISIT) -> tuple[Happening, ...]:
    """The boundaries of these tasks, one after the other."""
    begun = [Happening(at * visit, "task", name, "begin") for at, name in enumerate(names)]
    ended = [Happening((at + 1) * visit, "task", name, "end") for at, name in enumerate(names)]
    return tuple(sorted(begun + ended, key=lambda one: (one.step, one.boundary == "begin")))


def learning(steps: np.ndarray, since: int, low: float = 0.1, high: float = 0.9, tau: float = 60.0) -> np.ndarray:
    return high - (high - low) * np.exp(-np.maximum(steps - since, 0) / tau)


def dip(steps: np.ndarray, at: int, depth: float, back: float = 1.0, tau: float = 40.0) -> np.ndarray:
    """What is lost after step `at`: all of it at 5 steps, and `back` of it comes back."""
    t = (steps - at).astype(float)
    fall = np.clip(t / 5, 0, 1)
    return np.where(t > 0, depth * fall * (1 - back + back * np.exp(-np.maximum(t - 5, 0) / tau)), 0.0)


def measured(shares: np.ndarray, rng: np.random.Generator, n: int = 1000) -> np.ndarray:
    """Shares as n examples show them."""
    return rng.binomial(n, np.clip(shares, 0, 1)) / n
