"""Every signal that `watch` measures, and how often each preset does."""

from __future__ import annotations

from barograph.collectors.presets import PRESETS
from barograph.collectors.signal import Signal
from barograph.collectors.signals import discover
from docs._tables import doc, table


def render() -> str:
    head = ["signal", "what it is", "unit", "by", *PRESETS]
    return "\n\n".join([table(head, map(_row, discover().values())), *map(_section, discover().values())])


def _row(signal: Signal) -> list[str]:
    cadences = [_cadence(prices[signal.price], signal) for prices in PRESETS.values()]
    return [f"[`{signal.name}`](#{signal.name})", signal.sentence, signal.unit, ", ".join(signal.axes), *cadences]


def _cadence(steps: int, signal: Signal) -> str:
    often = {0: "–", 1: "every step"}.get(steps, f"every {steps}")
    return f"{often} *" if signal.free is not None and steps != 1 else often


def _section(signal: Signal) -> str:
    head = f"### {signal.title} {{: #{signal.name} }}\n\n`{signal.name}`: {signal.sentence}."
    missing = f"*If it is missing:* {signal.remedy}." if signal.remedy else ""
    return "\n\n".join(filter(None, [head, doc(signal.measure), missing]))
