"""Findings that belong together become one episode, with the cause as its headline; and the run in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ....db.records import Finding
from . import discover
from .severity import Severity

ENDED = {
    "diverged": "It diverged",
    "finished": "It finished with a fault",
    "stopped": "It stopped with a fault",
    "killed": "It was killed with a fault",
    "lost": "It was lost with a fault",
}
UNEXPLAINED = {
    "diverged": "It diverged, and nothing that was recorded shows why.",
    "killed": "It was killed: its process ended without notice, and nothing that was recorded shows why.",
    "lost": "It was lost: its process has not responded, and nothing that was recorded shows why.",
}
"""The verdict on a run that ended badly without a finding."""


@dataclass(frozen=True)
class Episode:
    """What happened between steps `first` and `last`. `headline` is the finding to read, `open` whether it goes on."""

    first: int
    last: int
    severity: Severity
    headline: Finding
    findings: tuple[Finding, ...]
    open: bool


def near(step: int) -> int:
    """Steps after an episode's end within which the next finding still belongs to it: 100, later 1 % of the steps."""
    return max(100, step // 100)


def episodes(findings: Iterable[Finding]) -> list[Episode]:
    """The episodes in order of their first step.

    Two findings belong together where one begins before the other has ended or within `near` steps after; and so on
    from finding to finding. Notes hold nothing together: a note goes with the episode in which it begins, else it is
    one of its own, so that a fault has a severity above what is merely explained beside it.
    """
    ordered = sorted(findings, key=lambda one: (one.first, one.flagged, one.kind, one.part))
    groups: list[list[Finding]] = []
    for one in ordered:
        if one.severity > Severity.NOTE:
            if not groups or one.first > (end := _end(groups[-1])) + near(end):
                groups.append([])
            groups[-1].append(one)
    alone = []
    for note in ordered:
        if note.severity == Severity.NOTE:
            home = next((g for g in groups if g[0].first <= note.first <= _end(g)), None)
            (alone.append([note]) if home is None else home.append(note))
    return sorted((_episode(group) for group in groups + alone), key=lambda one: (one.first, one.last))


def _end(group: list[Finding]) -> int:
    return max(one.last for one in group if one.severity > Severity.NOTE)


def _episode(group: list[Finding]) -> Episode:
    worst = max(one.severity for one in group)
    serious = [one for one in group if one.severity > Severity.NOTE] or group
    return Episode(
        first=min(one.first for one in serious),
        last=max(one.last for one in serious),
        severity=Severity(worst),
        headline=headline([one for one in group if one.severity == worst]),
        findings=tuple(sorted(group, key=lambda one: (one.first, one.flagged, one.kind, one.part))),
        open=any(one.open for one in serious),
    )


def headline(findings: Sequence[Finding]) -> Finding:
    """The one that was known first among those that look at a cause; without such, the one that was known first."""
    known = discover()

    def order(one: Finding) -> tuple[bool, int, int, str, str]:
        return not (one.kind in known and known[one.kind].mechanism), one.flagged, one.first, one.kind, one.part

    return min(findings, key=order)


def verdict(episodes: Sequence[Episode], state: str, unjudged: str = "") -> str:
    """One line for the page: what to do now, that nothing is wrong, or why that cannot be said (`unjudged`).

    `state` is the run's own.
    """
    faults = [one for one in episodes if one.severity > Severity.NOTE]
    now = sorted((one for one in faults if one.open), key=lambda one: (-one.severity, -one.first))
    notes = len(episodes) - len(faults)
    end = UNEXPLAINED[state].partition(",")[0].partition(":")[0] + ". " if state in UNEXPLAINED else ""
    if now:
        call = ENDED.get(state, "Act") if now[0].severity == Severity.ACT else f"{end}Watch"
        more = f" {len(now) - 1} more going on." if len(now) > 1 else ""
        return f"{call}: {now[0].headline.sentence}{more}"
    if faults:
        worst = max(faults, key=lambda one: (one.severity, one.first))
        what = "One episode is over" if len(faults) == 1 else f"{len(faults)} episodes are over, the worst"
        return f"{end}{what}: {worst.headline.sentence}"
    if state in UNEXPLAINED:
        return UNEXPLAINED[state]
    explained = f" {notes} note{'s' * (notes > 1)}." if notes else ""
    if unjudged:
        return unjudged + explained
    return ("Nothing wrong so far." if state == "running" else "Nothing wrong was found.") + explained
