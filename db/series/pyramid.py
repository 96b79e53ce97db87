"""A series as tiles: 4,096 raw points each, and above them roll-ups, so that a chart costs pixels, not steps.

Level 0 holds points. A bucket of level k >= 1 sums up 32 * 4^(k-1) consecutive points by position, so buckets
never move while a series grows; 256 buckets make a tile. Only whole tiles of points are rolled up: the reader sums up
the rest, at most 4,095 points, itself. A float64 point costs 8 bytes (4 where float32 holds it exactly), its share of
all levels about 2.7.
"""

from __future__ import annotations

import struct

import numpy as np

from ...errors import Damaged

Points = tuple[np.ndarray, np.ndarray]  # int64 steps [n], float64 values [n]

TILE = 4096
BUCKETS = 256
SIZES = (1, *(32 * 4**k for k in range(9)))  # points in one bucket of each level

BUCKET = np.dtype(
    [("first", "<i8"), ("last", "<i8"), ("low", "<f8"), ("high", "<f8"), ("mean", "<f8")]
    + [("low_at", "<i8"), ("high_at", "<i8"), ("n", "<u4"), ("bad", "<u4")]
)
_HEAD = struct.Struct("<BBxxxxxxq")  # bytes a value, bytes a step difference (0: evenly spaced), the spacing


def encode(steps: np.ndarray, values: np.ndarray) -> bytes:
    """Points -> bytes, exactly: even spacing costs nothing, float32-exact values cost half."""
    gaps = steps[1:] - steps[:-1]
    size = 4 if _narrow(values[:64]) and _narrow(values) else 8
    body: bytes = values.astype(f"<f{size}").tobytes()
    if len(gaps) == 0 or (gaps == gaps[0]).all():
        return _HEAD.pack(size, 0, int(gaps[0]) if len(gaps) else 1) + body
    width = next(w for w in (1, 2, 4, 8) if w == 8 or gaps.max() < 1 << (8 * w))
    steps_body: bytes = gaps.astype(f"<u{width}").tobytes()
    return _HEAD.pack(size, width, 0) + body + steps_body


def grown(data: bytes, n: int, first: int, steps: np.ndarray, values: np.ndarray) -> tuple[bytes, np.ndarray] | None:
    """The bytes of `n` points from step `first` with points behind them, and all the values.

    They are those of `encode` of all the points, and cost only the new ones: None where it would spell the two parts
    otherwise, or the bytes are no such points.
    """
    size, _, spacing = head = _head(data)
    if spacing < 1 or first + spacing * n != int(steps[0]) or len(data) != _HEAD.size + size * n:
        return None
    more = encode(steps, values)
    if _head(more) != head:
        return None
    data += more[_HEAD.size :]
    return data, np.frombuffer(data, f"<f{size}", offset=_HEAD.size).astype("<f8", copy=False)


def _head(data: bytes) -> tuple[int, int, int]:
    """Zeros, which no points have, where the bytes are too few."""
    size, width, spacing = _HEAD.unpack_from(data) if len(data) >= _HEAD.size else (0, 0, 0)
    return size, width, spacing


def _narrow(values: np.ndarray) -> bool:
    """Whether float32 holds the values exactly."""
    with np.errstate(over="ignore"):
        return bool((values.astype("<f4").astype("<f8").view("<u8") == values.view("<u8")).all())


def decode(data: bytes, n: int, first: int) -> Points:
    """Bytes -> (int64 steps, float64 values) of the `n` points that start at step `first`; raises Damaged."""
    points = np.empty(n, np.int64), np.empty(n)
    decode_into(points, data, first)
    return points


def decode_into(points: Points, data: bytes, first: int) -> None:
    """Fills the arrays with the points that start at step `first`. Damaged where the bytes are no such points."""
    steps, values = points
    n = len(steps)
    size, width, spacing = _head(data)
    if (
        size not in (4, 8)
        or n < 1
        or (width == 0 and spacing < 1)
        or len(data) != _HEAD.size + size * n + width * (n - 1)
    ):
        raise Damaged(f"{n} points from step {first} are damaged; `barograph repair` keeps what is whole")
    values[:] = np.frombuffer(data, f"<f{size}", n, _HEAD.size)
    if width == 0:
        steps[:] = np.arange(first, first + spacing * n, spacing, dtype=np.int64)
        return
    steps[0] = first
    gaps = np.frombuffer(data, f"<u{width}", n - 1, _HEAD.size + size * n)
    np.cumsum(gaps.astype(np.int64), out=steps[1:])
    steps[1:] += first


def rolled(data: bytes, first: int, end: int) -> np.ndarray:
    """The buckets [first, end) of a level, from the bytes of its tiles, the first of which holds `first`."""
    lead = first // BUCKETS * BUCKETS
    if len(data) < (end - lead) * BUCKET.itemsize or len(data) % BUCKET.itemsize:
        raise Damaged("the roll-ups of a series are damaged; `barograph repair` makes them anew")
    return np.frombuffer(data, BUCKET)[first - lead : end - lead]


def gather(steps: np.ndarray, values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Points -> one bucket for each group that begins at `starts` (positions, the first is 0).

    Non-finite values count as `bad` and have no share in extremes and mean.
    """
    out = np.empty(len(starts), BUCKET)
    ends = np.append(starts[1:], len(steps))
    finite = np.isfinite(values)
    sound = bool(finite.all())
    out["first"], out["last"] = steps[starts], steps[ends - 1]
    out["n"] = ends - starts
    out["bad"] = 0 if sound else np.add.reduceat(~finite, starts, dtype=np.int64)
    if len(starts) == len(steps):
        out["low"] = out["high"] = out["mean"] = values if sound else np.where(finite, values, np.nan)
        out["low_at"] = out["high_at"] = steps
        return out
    good = (out["n"] - out["bad"]).astype("<f8")
    _extremes(out, starts, values if sound else np.where(finite, values, np.nan), None, steps, steps)
    _means(out, starts, values if sound else np.where(finite, values, 0.0), None, good)
    return out


def reduce(buckets: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Joins consecutive buckets into groups that begin at `starts` (positions, the first is 0)."""
    if len(starts) == len(buckets):
        return buckets
    out = np.empty(len(starts), BUCKET)
    ends = np.append(starts[1:], len(buckets))
    out["first"], out["last"] = buckets["first"][starts], buckets["last"][ends - 1]
    out["n"], out["bad"] = np.add.reduceat(buckets["n"], starts), np.add.reduceat(buckets["bad"], starts)
    low, high = np.ascontiguousarray(buckets["low"]), np.ascontiguousarray(buckets["high"])
    _extremes(out, starts, low, high, buckets["low_at"], buckets["high_at"])
    weight = (buckets["n"] - buckets["bad"]).astype("<f8")
    mean = np.ascontiguousarray(buckets["mean"])
    if not weight.all():
        mean = np.where(weight > 0, mean, 0.0)
    _means(out, starts, mean, weight, np.add.reduceat(weight, starts))
    return out


def _extremes(out: np.ndarray, starts: np.ndarray, low: np.ndarray, high: np.ndarray | None, *at: np.ndarray) -> None:
    """Each group's extremes and the step at which each was first; NaN, at the group's first step, where it has none."""
    counts = np.diff(starts, append=len(low))
    for name, choose, column, steps in (
        ("low", np.fmin, low, at[0]),
        ("high", np.fmax, low if high is None else high, at[1]),
    ):
        best = choose.reduceat(column, starts)
        hits = np.flatnonzero(column == np.repeat(best, counts))[::-1]
        where = starts.copy()
        where[np.searchsorted(starts, hits, side="right") - 1] = hits  # the first of a group comes last, and stays
        out[name], out[name + "_at"] = best, steps[where]
        none = np.isnan(best)
        if none.any():
            out[name + "_at"][none] = out["first"][none]


def _means(
    out: np.ndarray, starts: np.ndarray, values: np.ndarray, weight: np.ndarray | None, total: np.ndarray
) -> None:
    """Each group's mean; every value is divided before it is summed, so that large finite ones do not overflow."""
    counts = np.diff(starts, append=len(values))
    share = 1.0 / np.maximum(total, 1.0)
    mean = np.add.reduceat(values * np.repeat(share, counts) * (1.0 if weight is None else weight), starts)
    out["mean"] = np.where(total > 0, mean, np.nan)


def joined(buckets: np.ndarray, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joins consecutive buckets of the same number, and gives the number of each; those without points are left out."""
    there = buckets["n"] > 0
    if not there.all():
        buckets, number = buckets[there], number[there]
    starts = np.flatnonzero(np.append(True, number[1:] != number[:-1])[: len(number)])
    return (reduce(buckets, starts) if len(starts) else buckets), number[starts]


def coarser(buckets: np.ndarray, group: int) -> np.ndarray:
    """Joins each whole `group` of consecutive buckets; where all of a group have no points, neither has its join."""
    out = np.zeros(len(buckets) // group, BUCKET)
    found, number = joined(buckets[: len(out) * group], np.arange(len(out) * group) // group)
    out[number] = found
    return out


def every(buckets: np.ndarray, size: int) -> np.ndarray:
    """Groups of `size` consecutive buckets; a last, shorter one stays as it is."""
    return reduce(buckets, np.arange(0, len(buckets), size))


def merge(steps: np.ndarray, values: np.ndarray, order: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Sorts points by step and keeps the last one written for each (`order`: when it was written, else by position)."""
    if order is None and (steps[1:] > steps[:-1]).all():
        return steps, values
    by = np.argsort(steps, kind="stable") if order is None else np.lexsort((order, steps))
    steps, values = steps[by], values[by]
    last = np.append(steps[1:] != steps[:-1], True)
    return steps[last], values[last]
