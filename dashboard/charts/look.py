"""What all charts of one page share: the x axis, its scale and its range."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """`axis` is step, tokens, time, flops or epoch; `domain` the zoomed range in that axis' own numbers."""

    axis: str = "step"
    log_x: bool = False
    log_y: bool = False
    domain: tuple[float, float] | None = None


TITLES = {"step": "step", "tokens": "tokens", "time": "time since the start (h:mm:ss)", "flops": "FLOPs"}
TITLES |= {"epoch": "epoch"}
