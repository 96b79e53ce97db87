"""What each price class costs, and how often each preset pays it."""

from __future__ import annotations

from barograph.collectors.presets import PRESETS
from barograph.collectors.signal import Price
from docs._tables import table


def render() -> str:
    head = ["price", "what one measurement costs", *PRESETS]
    return table(head, ([_name(p), p.value, *(_often(prices[p]) for prices in PRESETS.values())] for p in Price))


def _name(price: Price) -> str:
    return price.name.lower()


def _often(steps: int) -> str:
    return {0: "never", 1: "every step"}.get(steps, f"every {steps} steps")
