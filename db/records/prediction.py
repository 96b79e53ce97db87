"""A forecast as it was stored."""

from __future__ import annotations

from dataclasses import dataclass


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
