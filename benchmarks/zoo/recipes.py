"""What one run of the zoo is: its model, its learning rate over the steps, its data, and what is done to it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """One run. `peak` and `floor` are learning rates; `begin` is where a ramp, a fault or a data switch sets in, as a
    fraction of the run; `force` is how hard the fault hits. `harmful`: something was done that no healthy run has."""

    name: str
    peak: float
    seed: int
    steps: int = 1500
    width: int = 48
    layers: int = 2
    heads: int = 4
    batch: int = 8
    context: int = 64
    schedule: str = "cosine"  # cosine, constant, wsd, wsds, rewarm, ramp
    floor: float = 0.003
    begin: float = 0.5
    rise: float = 0.2  # how long a ramp takes, as a fraction of the run
    warmup: int = 100
    qk_norm: bool = True
    z_loss: float = 0.0
    weight_decay: float = 0.1
    beta2: float = 0.95
    eps: float = 1e-8
    clip: float = 1.0
    coarse: bool = False  # bfloat16 logits
    half: bool = False  # float16 gradients under a dynamic loss scale
    data: str = "source"  # source, repeated, switch
    fault: str = ""
    force: float = 0.0
    twin: str = ""  # the same run with the cure of `cures`
    cures: str = ""  # what the twin would be cured of, if it stays well where this one does not

    @property
    def at(self) -> int:
        """The step at which the fault, the ramp or the switch sets in."""
        return max(1, round(self.begin * self.steps))

    @property
    def rises(self) -> bool:
        """Whether the loss is expected to rise and come down again: nothing is wrong with it."""
        return self.schedule in ("wsds", "rewarm") or self.data == "switch"

    def lr(self, step: int) -> float:
        """The learning rate of step `step` (from 1)."""
        warm = min(1.0, step / self.warmup) if self.warmup else 1.0
        done = min(1.0, step / self.steps)
        if self.schedule == "ramp":  # the floor, exponential growth, then the peak
            grown = min(1.0, max(0.0, (done - self.begin) / self.rise))
            return warm * self.floor * (self.peak / self.floor) ** grown
        return warm * self.peak * SHAPES[self.schedule](done)


def cosine(done: float) -> float:
    """From 1 to .1."""
    return 0.1 + 0.45 * (1 + math.cos(math.pi * done))


def wsd(done: float) -> float:
    """Stable, then inverse-proportional decay to .1 over the last fifth."""
    return inverse((done - 0.8) / 0.2)


def wsds(done: float) -> float:
    """Three rounds of stable and decay; after each the rate jumps back to the peak."""
    round_, place = divmod(done * 3, 1)
    return inverse((place - 0.75) / 0.25) if round_ < 3 else 0.1


def rewarm(done: float) -> float:
    """A cosine over the first half, a short linear re-warm, a second cosine."""
    if done < 0.5:
        return cosine(done / 0.5)
    return min(1.0, 0.1 + (done - 0.5) / 0.04) * cosine((done - 0.5) / 0.5)


def inverse(u: float) -> float:
    """1 / rate goes linearly from 1 to 10 as u goes from 0 to 1."""
    return 1 / (1 + 9 * min(1.0, max(0.0, u)))


SHAPES = {"cosine": cosine, "constant": lambda done: 1.0, "wsd": wsd, "wsds": wsds, "rewarm": rewarm}
