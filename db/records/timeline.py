"""What happened to a run at a step: events, evaluations, and the learning rate planned from there on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


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
class Plan:
    """The learning rate still to come, as knots between which it is linear; `origin` says where it was read."""

    steps: np.ndarray
    values: np.ndarray
    group: str = "0"
    origin: str = "scheduler"
    made_at: int = 0
