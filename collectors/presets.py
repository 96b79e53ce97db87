"""The presets: how often a signal is measured, by its price.

| preset   | free       | a glance | the gradient norm | numbers per tensor | logits   | more     | rare      |
|----------|------------|----------|-------------------|--------------------|----------|----------|-----------|
| light    | every step | every 10 | every 10          | never              | never    | never    | never     |
| standard | every step | every 10 | every step        | every 10           | every 10 | never    | never     |
| full     | every step | every 10 | every step        | every step         | every 5  | every 10 | every 100 |

The spikes of gradient elements go with the gradient norm although the optimizer's state is read for them: a spike lasts
one step. A loop that clips computes the gradient norm itself: then it is free.

What each costs on the demo model is measured by `python -m benchmarks.overhead`; the README has the figures.
What is sampled every 10 steps can miss an event of one step: use `full` to see every update.
"""

from __future__ import annotations

from .signal import Price

PRESETS: dict[str, dict[Price, int]] = {
    "light": {
        Price.FREE: 1, Price.GLANCE: 10, Price.PASS: 10, Price.LOOK: 0, Price.SWEEP: 0, Price.DEEP: 0, Price.RARE: 0,
    },
    "standard": {
        Price.FREE: 1, Price.GLANCE: 10, Price.PASS: 1, Price.LOOK: 10, Price.SWEEP: 10, Price.DEEP: 0, Price.RARE: 0,
    },
    "full": {
        Price.FREE: 1, Price.GLANCE: 10, Price.PASS: 1, Price.LOOK: 5, Price.SWEEP: 1, Price.DEEP: 10, Price.RARE: 100,
    },
}  # fmt: skip


def cadences(preset: str) -> dict[Price, int]:
    """Price -> steps between measurements (0: never). Raises ValueError for a name that is no preset."""
    if preset not in PRESETS:
        raise ValueError(f"preset {preset!r}: expected one of {', '.join(PRESETS)}")
    return PRESETS[preset]
