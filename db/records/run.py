"""A training run and its attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATES = ("running", "finished", "stopped", "diverged", "killed", "lost")
"""A run whose process ended without a word was killed; one that another host fell silent on is lost."""
ARCHIVED, GROUP = "archived", "group:"  # tags that the dashboard gives a meaning


@dataclass(frozen=True)
class Run:
    """One training run and all that is needed to read its axes: who, when, with what, how far.

    `tokens_per_step` and `flops_per_token` turn a step into tokens and FLOPs (6 N per token unless given);
    `steps_planned` is where the loop says that it will end; `problem` says what of it cannot be read. Times are
    seconds since the epoch (UTC).
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
    problem: str = ""

    @property
    def archived(self) -> bool:
        """Whether the lists leave it out."""
        return ARCHIVED in self.tags

    @property
    def group(self) -> str:
        """The name that it shares with the runs it belongs to; empty without one."""
        return next((tag.removeprefix(GROUP) for tag in self.tags if tag.startswith(GROUP)), "")

    @property
    def labels(self) -> tuple[str, ...]:
        """The tags that mean nothing but themselves."""
        return tuple(tag for tag in self.tags if tag != ARCHIVED and not tag.startswith(GROUP))


@dataclass(frozen=True)
class Attempt:
    """One stretch of a run: it continues from `from_step`; later steps of earlier attempts are abandoned."""

    number: int
    from_step: int
    started: float
    ended: float | None = None
    state: str = "running"
