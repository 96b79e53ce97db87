"""What a detector found in a run."""

from __future__ import annotations

from dataclasses import dataclass, field

JUDGEMENTS = ("", "acknowledged", "silenced", "wrong")  # what a user can mark a finding as


@dataclass(frozen=True)
class Finding:
    """One thing that a detector found: of what `kind`, in which `part` of the model ("" for the whole run).

    It held from step `first` to `last`; the data up to step `flagged` sufficed to find it, and `attempt` is the one
    that step belongs to. `severity`: 0 a note, 1 watch it, 2 act. `time` is when it was first reported, `alerted`
    when somebody was alerted of it (0: nobody), `judgement` what the user marked it as.
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
    alerted: float = 0.0

    @property
    def key(self) -> tuple[str, str, int]:
        """What identifies the finding in its run."""
        return self.kind, self.part, self.first
