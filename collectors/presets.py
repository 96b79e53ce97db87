"""The presets: how often a signal is measured, by its price.

| preset   | free  | a glance | gradient norm | numbers a tensor | spikes   | trends, logits | more     | rare      |
|----------|-------|----------|---------------|------------------|----------|----------------|----------|-----------|
| light    | every | every 10 | every 10      | never            | never    | never          | never    | never     |
| standard | every | every 10 | every         | every 10         | every 50 | every 10       | never    | never     |
| full     | every | every 10 | every         | every            | every    | every 10       | every 10 | every 100 |

A loop that clips computes the gradient norm itself: then it is free.

What each costs on the demo model is measured by `python -m benchmarks.overhead`; the README has the figures.
What is sampled every 10 steps can miss an event of one step: use `full` to see every update and every gradient element.
"""

from __future__ import annotations

from .signal import Price

PRICES = (
    Price.FREE, Price.GLANCE, Price.PASS, Price.SWEEP, Price.BRIEF, Price.TREND, Price.LOOK, Price.DEEP, Price.RARE,
)  # fmt: skip
PRESETS: dict[str, dict[Price, int]] = {
    "light": dict(zip(PRICES, (1, 10, 10, 0, 0, 0, 0, 0, 0), strict=True)),
    "standard": dict(zip(PRICES, (1, 10, 1, 10, 50, 10, 10, 0, 0), strict=True)),
    "full": dict(zip(PRICES, (1, 10, 1, 1, 1, 10, 10, 10, 100), strict=True)),
}


def cadences(preset: str) -> dict[Price, int]:
    """Price -> steps between measurements (0: never). Raises ValueError for a name that is no preset."""
    if preset not in PRESETS:
        raise ValueError(f"preset {preset!r}: expected one of {', '.join(PRESETS)}")
    return PRESETS[preset]
