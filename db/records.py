"""What the store holds, as plain frozen values: no connection, no torch, no pandas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

STATES = ("running", "finished", "stopped", "diverged")
JUDGEMENTS = ("", "acknowledged", "silenced", "wrong")  # what a user can say of a finding


@dataclass(frozen=True)
class Run:
    """One training run and all that is needed to read its axes: who, when, with what, how far.

    `tokens_per_step` and `flops_per_token` turn a step into tokens and FLOPs (6 N per token unless given);
    `steps_planned` is where the loop says that it will end. Times are seconds since the epoch (UTC).
    """

    id: str
    name: str
    project: str = ""
    started: float = 0.0
    state: str = "running"
    ended: float | None = None
    last_seen: float = 0.0
    attempt: int = 0
    steps_planned: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)  # total, non_embedding, embedding
    tokens_per_step: float | None = None
    flops_per_token: float | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    parent: str | None = None
    fork_step: int | None = None
    last_step: int | None = None


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


@dataclass(frozen=True)
class Event:
    """A dated thing on a run's timeline: start, restart, checkpoint, data switch, task boundary, finding, note."""

    step: int
    kind: str
    text: str = ""
    time: float = 0.0
    attempt: int = 0
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """One metric of one task at one step: `n` examples, `n_invalid` of them unreadable, `weights` raw or EMA."""

    step: int
    task: str
    metric: str
    value: float
    n: int | None = None
    n_invalid: int | None = None
    subset: str = ""
    weights: str = "raw"
    time: float = 0.0
    attempt: int = 0


@dataclass(frozen=True)
class Attempt:
    """One stretch of a run: it continues from `from_step`; later steps of earlier attempts are abandoned."""

    number: int
    from_step: int
    started: float
    ended: float | None = None
    state: str = "running"


@dataclass(frozen=True)
class Plan:
    """The learning rate still to come, as knots between which it is linear; `origin` says where it was read."""

    steps: np.ndarray
    values: np.ndarray
    group: str = "0"
    origin: str = "scheduler"
    made_at: int = 0


@dataclass(frozen=True)
class Prediction:
    """A forecast as it was made, kept so that it can be scored: at step `made_at`, of `signal` at step `for_step`.

    `mid` with its 50 % and 90 % interval; NaN where `verdict` says why there is none. `evidence` is the sentence that
    names what it stands on, `law` what it was made with, `schedule` which future it assumed ("plan": the run's own).
    """

    made_at: int
    for_step: int
    signal: str
    mid: float
    low50: float
    high50: float
    low90: float
    high90: float
    law: str = ""
    evidence: str = ""
    verdict: str = ""
    schedule: str = "plan"
    attempt: int = 0
    time: float = 0.0


@dataclass(frozen=True)
class Finding:
    """One thing that a detector found: of what `kind`, in which `part` of the model ("" for the whole run).

    It held from step `first` to `last`; the data up to step `flagged` sufficed to say so, and `attempt` is the one
    that step belongs to. `severity`: 0 a note, 1 watch it, 2 act. `time` is when it was first said, `told` when
    somebody was alerted of it (0: nobody), `judgement` what the user thinks of it.
    """

    kind: str
    part: str
    first: int
    last: int
    flagged: int
    severity: int
    sentence: str
    advice: str = ""
    evidence: dict[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    open: bool = True
    attempt: int = 0
    time: float = 0.0
    judgement: str = ""
    told: float = 0.0

    @property
    def key(self) -> tuple[str, str, int]:
        """What identifies the finding in its run."""
        return self.kind, self.part, self.first


@dataclass(frozen=True)
class View:
    """A saved view of a page: `address` is what stands behind the "?" of its link."""

    name: str
    page: str
    address: str
