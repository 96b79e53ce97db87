"""The naive baseline: a power law in optimizer steps, blind to the learning rate."""

import math

import numpy as np

from .....interval import Interval
from ..fit import Gaussian
from ..law import Curved, Law, power
from ..schedule import REFERENCE, LRHistory


def curve(view: LRHistory, L0: float, A: float, a: float) -> Curved:
    """L(t) = L0 + A * (t / 10,000)^-a."""
    return power(view.steps / REFERENCE, L0, A, a)


LAW = Law("power_steps", "power law in steps", curve, {"L0": (1.0, 1.0), "A": (0.34, 0.6), "a": (0.45, 0.5)})


def step_scale(fitted: Gaussian) -> Interval:
    """B of the same law as L0 + (B / t)^a, in steps, with its 90 % interval: smaller for a run that learns faster.

    B = 10,000 A^(1 / a), so log B moves by 1 / a with log A and by -log(A) / a with log a (arXiv:2402.17759)."""
    i, j = LAW.parameters.index("A"), LAW.parameters.index("a")
    log_a, a = float(fitted.mean[i]), math.exp(fitted.mean[j])
    by = np.zeros(len(fitted.mean))
    by[i], by[j] = 1 / a, -log_a / a
    mid, half = math.log(REFERENCE) + log_a / a, 1.645 * math.sqrt(float(by @ fitted.covariance @ by))
    return Interval(mid, mid - half, mid + half).map(math.exp)
