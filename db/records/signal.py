"""What a signal means, and its points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class Description:
    """What one signal means, so that a database opened elsewhere explains itself.

    `axes` names what a part of the signal is keyed by, e.g. `("layer", "head")`; `parts` lists the recorded parts in
    their order in the model (layer 2 before layer 10). `better` is "lower", "higher" or "neither". `title` heads its
    chart; `remedy` says what to turn on where it should be recorded and is not.
    """

    name: str
    unit: str = ""
    sentence: str = ""
    better: str = "neither"
    axes: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    title: str = ""
    remedy: str = ""


class Hole(NamedTuple):
    """Steps `first` to `last` of a series, in which up to `n` points were recorded that are damaged in the store."""

    first: int
    last: int
    n: int


@dataclass(frozen=True)
class Series:
    """Raw points of one part of one signal: int64 `steps`, strictly increasing; float64 `values` (NaN, inf kept).

    Where points cannot be read any more, `holes` says so.
    """

    signal: str
    part: tuple[str, ...]
    steps: np.ndarray
    values: np.ndarray
    holes: tuple[Hole, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class Buckets:
    """A series at a chart's resolution: per bucket of consecutive points its extremes, where they were, and the mean.

    All arrays have one entry per bucket: `first`, `last` (steps), `low`, `high`, `mean` (finite points only, NaN where
    a bucket has none), `low_at`, `high_at` (steps of the extremes), `n` (points), `bad` (non-finite points).
    A bucket of one point has low = high = mean. Bucket borders depend on the points' positions only, so they stay
    where they are while a run grows.
    """

    signal: str
    part: tuple[str, ...]
    first: np.ndarray
    last: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    low_at: np.ndarray
    high_at: np.ndarray
    n: np.ndarray
    bad: np.ndarray
    holes: tuple[Hole, ...] = ()

    def __len__(self) -> int:
        return len(self.first)
