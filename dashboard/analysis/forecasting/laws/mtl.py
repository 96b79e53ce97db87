"""The LR-annealing law (momentum form): each fall of the LR pays out a fall of the loss over T optimizer steps.

Source: Tissue, Wang and Wang 2024, "Scaling Law with Learning Rate Annealing", arXiv 2408.11029.
"""

import numpy as np

from ..law import Curved, Law, anneal
from ..schedule import LRHistory


def curve(view: LRHistory, L0: float, A: float, a: float, D: float, T: float) -> Curved:
    """L = L0 + A * tau^-a - D * sum_k drop_k * (1 - exp(-age_k / T))).

    In the paper's letters: lambda = exp(-1 / T) per optimizer step and C = D * (1 - lambda) / peak.
    """
    decay = np.exp(-view.age / T)
    return anneal(view, L0, A, a, D, 1 - decay, [-decay * view.age / T])


LAW = Law(
    "mtl",
    "LR-annealing law",
    curve,
    {"L0": (1.0, 1.0), "A": (0.34, 0.6), "a": (0.45, 0.3), "D": (0.15, 0.5), "T": (1000.0, 0.7)},
)
