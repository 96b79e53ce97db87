"""What a signal means, and its points."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Series:
    """Raw points of one part of one signal: int64 `steps`, strictly increasing; float64 `values` (NaN, inf kept)."""

    signal: str
    part: tuple[str, ...]
    steps: np.ndarray
    values: np.ndarray

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

    def __len__(self) -> int:
        return len(self.first)
