"""A power law in the learning rate spent so far: the limit of the annealing laws where the LR does not fall."""

from ..law import Curved, Law, power
from ..schedule import LRHistory


def curve(view: LRHistory, L0: float, A: float, a: float) -> Curved:
    """L(t) = L0 + A * tau^-a, tau = sum_{k<=t} eta_k / (10,000 * peak)."""
    return power(view.tau, L0, A, a)


LAW = Law("power_s1", "power law in the LR integral", curve, {"L0": (1.0, 1.0), "A": (0.34, 0.6), "a": (0.45, 0.5)})
