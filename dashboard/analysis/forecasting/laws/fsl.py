"""The functional scaling law: SGD noise of every step, forgotten along a power law in the LR spent since.

Source: Li et al. 2025, "Functional Scaling Laws", arXiv 2509.19189 (discrete form).
"""

import numpy as np
from numpy.typing import ArrayLike

from ..law import Curved, Law, anneal
from ..schedule import REFERENCE, LRHistory


def curve(view: LRHistory, L0: float, A: float, a: float, D: float, T: float, b: float) -> Curved:
    """L = L0 + A * tau^-a + D * sum_k lr_k^2 * (1 + run_k / T)^-b / norm), lr and run in units of the peak.

    The sum over steps is done by parts: it equals -sum over *changes* of the LR (the warm-up included) of drop_k *
    P(run_k) with P(s) = int_0^s (1 + u / T)^-b du / norm, exact where the LR is constant. norm makes P(10,000) = 1,
    so D is the excess that a constant peak LR keeps up after 10,000 steps."""
    top, by_T_top, by_b_top = _integral(REFERENCE, T, b)
    now, by_T, by_b = _integral(view.run, T, b)
    share = now / top
    return anneal(
        view, L0, A, a, D, share, [by_T / top - share * by_T_top / top, by_b / top - share * by_b_top / top], warm=True
    )


def _integral(s: ArrayLike, T: float, b: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """int_0^s (1 + u / T)^-b du / T and its derivatives by log T and log b; smooth through b = 1."""
    s = np.asarray(s, float)
    y, c = np.log1p(s / T), 1 - b
    if abs(c) < 1e-4:
        value, by_c = y + c * y**2 / 2, y**2 / 2 + c * y**3 / 3
    else:
        grown = np.expm1(c * y)
        value, by_c = grown / c, y * (grown + 1) / c - grown / c**2
    edge = np.exp(-b * y) * s / T
    return value, -edge, -b * by_c


LAW = Law(
    "fsl",
    "functional scaling law",
    curve,
    {"L0": (1.0, 1.0), "A": (0.34, 0.6), "a": (0.45, 0.3), "D": (0.15, 0.5), "T": (300.0, 0.9), "b": (1.2, 0.4)},
)
