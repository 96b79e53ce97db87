"""The river law: progress, noise level and relaxation each follow their own power of the learning rate.

Like the other annealing laws, it splits the loss into slow progress along a valley and noise above the valley's
floor. Two things are different. Progress runs on the clock sum eta^q with q near 1/2: at a high LR much of each step
is lost to noise, so a run that spends its budget at a low LR gets further than its LR integral says. And the level of
the noise goes with eta^p, p near 3/4, so the last part of a decay pays more than the first."""

import numpy as np

from ..law import Curved, Law, power
from ..schedule import REFERENCE, LRHistory

LOWEST = 1e-5  # of the peak: the logarithm of an LR of 0
FORGETTING = 1.5  # exponent of relaxation: fast at first (steep directions), then slow (flat ones)


def curve(view: LRHistory, L0: float, A: float, a: float, D: float, T: float, p: float, q: float) -> Curved:
    """L = L0 + A * clock^-a - D * sum_k (high_k^p - low_k^p) * (1 - (1 + run_k / T)^-1.5).

    clock = sum_{k<=t} (eta_k / peak)^q / 10,000; high and low are the LR / peak around each change, run_k the
    effective steps since. p = q = 1 is close to the Multi-Power Law with gamma = 0."""
    log_lr = np.log(np.maximum(view.cell_lr, LOWEST))
    spent = view.cell_length * np.exp(q * log_lr)
    clock, by_q = _upto(view.share, spent) / REFERENCE, _upto(view.share, q * log_lr * spent) / REFERENCE
    loss, (by_level, by_size, by_exponent) = power(clock, L0, A, a)

    (high, high_slope), (low, low_slope) = _power_of_lr(view.high, p), _power_of_lr(view.low, p)
    age = view.run / T
    left = np.where(view.warm, 0.0, (1 + age) ** -FORGETTING)
    gain = np.where(view.warm, 0.0, 1.0) - left
    drop = high - low
    fall, by_T, by_p = (
        D * np.einsum("nk,nk->n", first, second)
        for first, second in ((drop, gain), (drop, FORGETTING * left * age / (1 + age)), (high_slope - low_slope, gain))
    )
    return loss - fall, [by_level, by_size, by_exponent, -fall, by_T, -by_p, -A * a * clock ** (-a - 1) * by_q]


def _upto(share: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The running sum of `cells` at fractional positions `share` among their edges."""
    sums = np.concatenate([[0.0], np.cumsum(cells)])
    return np.asarray(np.interp(share, np.arange(len(sums)), sums))


def _power_of_lr(lr: np.ndarray, p: float) -> tuple[np.ndarray, np.ndarray]:
    """lr^p and its derivative by log p."""
    log_lr = np.log(np.maximum(lr, LOWEST))
    value = np.where(lr > LOWEST, np.exp(p * log_lr), 0.0)
    return value, p * log_lr * value


LAW = Law(
    "river",
    "river law",
    curve,
    {
        "L0": (1.0, 1.0),
        "A": (0.34, 0.6),
        "a": (0.48, 0.25),
        "D": (0.15, 0.5),
        "T": (60.0, 0.9),
        "p": (0.78, 0.25),
        "q": (0.5, 0.3),
    },
)
