"""`barograph check-run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._store import HERE, Url, opened
from ._terminal import finite, line, print_json

if TYPE_CHECKING:
    from ...db import Finding
    from ..services.health import Episode, Health

STATUS = {"note": 0, "watch": 3, "act": 4, "blind": 5}  # 1: the store or the run cannot be read; 2: wrong usage
FIELDS = ("kind", "part", "first", "last", "flagged", "sentence", "advice", "confidence", "open", "judgement")


def command(
    run: Annotated[str, typer.Argument(help="The run's name or id.")],
    ever: Annotated[bool, typer.Option("--ever", help="Count episodes that are over, too.")] = False,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check the health of a run; for scripts, the exit status is 0 (fine or a note), 3 (watch), 4 (act) or 5 (blind).

    Blind: nothing was found, and nothing could have been, since the run has too few losses to judge (or none).
    Open episodes count (of an ended run: those open at its end), except findings that were silenced or marked wrong.
    Exit status 1: no such run or store; 2: wrong usage.
    """
    from ..services.health import HealthChecks

    with opened(store) as opened_store:
        health = HealthChecks(opened_store).of(opened_store.run(run).id)
    counted = [episode for episode in health.episodes if ever or episode.open]
    level = _level(max((episode.severity for episode in counted), default=0)) if health.judged else "blind"
    if as_json:
        print_json(_answer(health, level))
    else:
        _print(health)
    raise typer.Exit(STATUS[level])


def _level(severity: int) -> str:
    return list(STATUS)[severity]


def _answer(health: Health, level: str) -> dict[str, Any]:
    run = health.run
    return {
        "run": run.id,
        "name": run.name,
        "state": run.state,
        "until": health.until,
        "severity": level,
        "status": STATUS[level],
        "verdict": health.verdict,
        "episodes": [_episode(episode) for episode in health.episodes],
        "findings": [_finding(finding) for finding in health.findings],
        "missing": list(health.missing),
        "blind": [{"detector": one.detector, "reports": one.seen, "needs": one.needs} for one in health.blind],
        "failed": health.failed,
    }


def _episode(episode: Episode) -> dict[str, Any]:
    head = episode.headline
    return {
        "first": episode.first,
        "last": episode.last,
        "severity": _level(episode.severity),
        "open": episode.open,
        "kind": head.kind,
        "sentence": head.sentence,
        "findings": len(episode.findings),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    fields = {name: getattr(finding, name) for name in FIELDS}
    evidence = {name: finite(value) for name, value in finding.evidence.items()}
    confidence = finite(finding.confidence)
    return fields | {"severity": _level(finding.severity), "confidence": confidence, "evidence": evidence}


def _print(health: Health) -> None:
    line(f"{health.run.name} ({health.run.state}, checked up to step {health.until:,})")
    line(health.verdict)
    for episode in health.episodes:
        ongoing = ", ongoing" if episode.open and health.run.state == "running" else ""
        where = f"steps {episode.first:,} to {episode.last:,}"
        line(f"  {_level(episode.severity):5}  {where}{ongoing}: {episode.headline.sentence}")
        if episode.open and episode.headline.advice:
            line(f"         {episode.headline.advice}")
    for sentence in [*health.missing, *(one.sentence for one in health.blind)]:
        line(f"  {sentence}", err=True)
    for name, problem in health.failed.items():
        line(f"  the detector {name} failed: {problem}", err=True)
