"""Steps on another axis: tokens, seconds since the start, FLOPs or epochs."""

from __future__ import annotations

import numpy as np

from ...errors import NotRecorded, StoreError
from ..records import Buckets

AXES = ("step", "tokens", "time", "flops", "epoch")
_REMEDY = {"time": "record with watch", "epoch": "log epoch=... with the loss"}


def require_axis(axis: str) -> None:
    """StoreError for an axis that does not exist."""
    if axis not in AXES:
        raise StoreError(f"no axis {axis!r}; expected step, tokens, time, flops or epoch")


def on_axis(steps: np.ndarray, knots: Buckets, axis: str, scale: float = 1.0) -> np.ndarray:
    """Steps [n] -> float64 [n] on the axis whose recorded values are `knots`, times `scale`.

    Linear between recorded points; beyond them at the mean pace. NotRecorded where `knots` holds no value.
    """
    known = ~np.isnan(knots.low)
    if not known.any():
        raise NotRecorded(f"this run did not record {axis}; {_REMEDY.get(axis, 'log tokens=... with the loss')}")
    x = np.stack([knots.low_at[known], knots.high_at[known]], 1).ravel().astype(float)
    y = np.stack([knots.low[known], knots.high[known]], 1).ravel() * scale
    by = np.argsort(x, kind="stable")
    x, y = x[by], np.maximum.accumulate(y[by])
    out: np.ndarray = np.interp(steps, x, y)
    if len(x) > 1 and x[-1] > x[0]:
        out = np.where(steps > x[-1], y[-1] + (steps - x[-1]) * (y[-1] - y[0]) / (x[-1] - x[0]), out)
    return out
