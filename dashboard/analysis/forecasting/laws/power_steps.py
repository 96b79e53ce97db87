"""The naive baseline: a power law in optimizer steps, blind to the learning rate."""

from ..law import Curved, Law, power
from ..schedule import REFERENCE, LRHistory


def curve(view: LRHistory, L0: float, A: float, a: float) -> Curved:
    """L(t) = L0 + A * (t / 10,000)^-a."""
    return power(view.steps / REFERENCE, L0, A, a)


LAW = Law("power_steps", "power law in steps", curve, {"L0": (1.0, 1.0), "A": (0.34, 0.6), "a": (0.45, 0.5)})
