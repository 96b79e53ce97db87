"""All parts of a signal on common step bins, for a heat map."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...keys import part_of, signal_of
from ..records import Buckets
from ..series.lineage import window
from .attempts import pieces
from .database import Snapshot
from .points import buckets, series_keys


class Grid(NamedTuple):
    """`parts` [p]; `edges` int64 [c + 1]; `low`, `high`, `mean` float64 [p, c], NaN where a part has no point."""

    parts: list[tuple[str, ...]]
    edges: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray


def grid(
    snapshot: Snapshot, run: str, signal: str, lo: int | None, hi: int | None, width: int, most: int | None
) -> Grid:
    """All parts of a signal, or the first `most`, on at most 2 x `width` bins of steps."""
    within = window(lo, hi)
    line = pieces(snapshot, run, within)
    keys = [key for key in series_keys(snapshot, run) if signal_of(key) == signal][:most]
    found = [(part_of(key), buckets(snapshot, run, key, line, within, width)) for key in keys]
    return on_common_bins([(part, one) for part, one in found if len(one)], width)


def on_common_bins(found: list[tuple[tuple[str, ...], Buckets]], width: int) -> Grid:
    """Buckets of several series -> their extremes and means on bins that all of them share."""
    parts = [part for part, _ in found]
    if not found:
        return Grid([], np.zeros(1, np.int64), *(np.empty((0, 0)) for _ in range(3)))
    start, end = min(b.first[0] for _, b in found), max(b.last[-1] for _, b in found)
    edges = np.unique(np.concatenate([b.first for _, b in found]))
    if len(edges) <= 2 * width:  # the buckets' own borders: no bin is empty for want of a bucket in it
        edges = np.append(edges, end + max(1, (end - start) // max(len(edges) - 1, 1)))
    else:
        edges = np.ceil(np.linspace(start, end + 1, min(width, end - start + 1) + 1)).astype(np.int64)
    columns = len(edges) - 1
    low, high, mean = (np.full((len(found), columns), np.nan) for _ in range(3))
    for row, (_, b) in enumerate(found):
        column = np.clip(np.searchsorted(edges, (b.first + b.last) // 2, side="right") - 1, 0, columns - 1)
        starts = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
        at = column[starts]
        low[row, at] = np.fmin.reduceat(b.low, starts)
        high[row, at] = np.fmax.reduceat(b.high, starts)
        weight = (b.n - b.bad).astype(float)
        total = np.add.reduceat(weight, starts)
        share = weight / np.maximum(np.repeat(total, np.diff(starts, append=len(b))), 1.0)
        summed = np.add.reduceat(np.where(weight > 0, b.mean, 0.0) * share, starts)
        mean[row, at] = np.where(total > 0, summed, np.nan)
    return Grid(parts, edges, low, high, mean)
