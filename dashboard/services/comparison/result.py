"""What a comparison of runs comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....db import Run
from ....interval import Interval
from ...analysis.statistics.difference import SAME, UNKNOWN, Difference, Seeds
from ...analysis.statistics.ending import Ending
from .comparability import Unranked


@dataclass(frozen=True, eq=False)
class Result:
    """One run of a comparison; None where the run did not record what it takes, and `problem` names that.

    `difference` is to the reference, `to_target` where on the axis the target is reached, `speedup` how many times
    sooner than the reference; `lr_fraction` the last learning rate over the largest; `not_finite` counts values;
    `unranked` is why the run is not ranked against the reference.
    """

    run: Run
    final: Ending | None = None
    best: float | None = None
    difference: Difference | None = None
    to_target: Interval | None = None
    speedup: Interval | None = None
    lr_fraction: float | None = None
    not_finite: int = 0
    problem: str = ""
    unranked: Unranked | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """`unit` is "nats" or what the signal is described by, "bits per byte" where tokenizers differ.

    `reference` is a run's id, `better` one of "lower", "higher", "neither"; `notes` is what a reader must know.
    """

    signal: str
    unit: str
    axis: str
    reference: str
    target: float | None
    results: tuple[Result, ...]
    config: dict[str, list[Any]]
    seeds: Seeds | None
    better: str
    notes: tuple[str, ...] = ()


def verdict(found: Comparison, one: Result) -> str:
    """What the difference of a run to the reference comes to: better, worse, nothing beyond noise, or not ranked."""
    if one.difference is None:
        return ""
    if one.unranked is not None:
        return f"not ranked: {one.unranked.value}"
    if one.difference.verdict in (SAME, UNKNOWN) or found.better == "neither":
        return one.difference.verdict
    return "better" if one.difference.verdict == found.better else "worse"


def ending_text(found: Ending) -> str:
    """An end with its standard error.

    >>> ending_text(Ending(2.5, 0.01, 0, 9)), ending_text(Ending(0.43, float("nan"), 40, 1))
    ('2.5000 ± 0.0100', '0.4300, too few points for its error')
    """
    return (
        f"{found.value:.4f} ± {found.error:.4f}" if found.known else f"{found.value:.4f}, too few points for its error"
    )


def interval_text(found: Interval | None, scale: float = 1.0) -> str:
    """An estimate with its 90 % interval, short; a dash where there is none."""
    if found is None or not found.reachable:
        return "–"
    return found.map(lambda value: value * scale).text(beyond="?")
