"""The Multi-Power Law: the loss that an LR drop pays out follows a power law in the LR spent since.

Source: Luo et al. 2025, "A Multi-Power Law for Loss Curve Prediction Across Learning Rate Schedules", arXiv 2503.12811.
"""

import numpy as np

from ..law import Curved, Law, anneal
from ..schedule import LRHistory

LOWEST = 1e-4  # of the peak: eta^-g * S is infinity * 0 where the LR reaches 0


def curve(view: LRHistory, L0: float, A: float, a: float, D: float, T: float, b: float, g: float) -> Curved:
    """L = L0 + A * tau^-a - D * sum_k drop_k * G(x_k)), G(x) = 1 - (1 + x)^-b, x_k = run_k * lr_k^-g / T.

    In the paper's letters: B = D / peak, beta = b, gamma = g, C = peak^(g - 1) / T. Not defined where the LR rises.
    """
    log_lr = np.log(np.maximum(view.after, LOWEST))
    x = view.run * np.exp(-g * log_lr) / T
    left = (1 + x) ** -b
    by_x = b * left * x / (1 + x)
    return anneal(view, L0, A, a, D, 1 - left, [-by_x, b * left * np.log1p(x), -by_x * g * log_lr])


LAW = Law(
    "mpl",
    "Multi-Power Law",
    curve,
    {
        "L0": (1.0, 1.0),
        "A": (0.34, 0.6),
        "a": (0.45, 0.3),
        "D": (0.15, 0.5),
        "T": (1000.0, 0.9),
        "b": (0.6, 0.5),
        "g": (0.5, 0.5),
    },
    rewarm=False,
)
