"""`barograph check-run`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._store import HERE, Url, opened, say

if TYPE_CHECKING:
    from ...db import Finding
    from ..analysis.detectors.episodes import Episode
    from ..services.health import Health

STATUS = {"note": 0, "watch": 3, "act": 4}  # 1 says that the store or the run cannot be read, 2 a wrong usage
FIELDS = ("kind", "part", "first", "last", "flagged", "sentence", "advice", "confidence", "open", "judgement")


def command(
    run: Annotated[str, typer.Argument(help="The run's name or id.")],
    ever: Annotated[bool, typer.Option("--ever", help="Count what is over by now, too.")] = False,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Says how healthy a run is, for scripts: exit status 0 fine or a note, 3 watch it, 4 act.

    It counts the episodes that go on (of an ended run: that went on to its end), but those silenced or called wrong.
    Exit status 1: no such run or store; 2: a wrong usage.
    """
    from ..services.health import Healths

    with opened(store) as opened_store:
        health = Healths(opened_store).of(opened_store.run(run).id)
    counted = [episode for episode in health.episodes if ever or episode.open]
    level = _level(max((episode.severity for episode in counted), default=0))
    if as_json:
        typer.echo(json.dumps(_answer(health, level), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _tell(health)
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
    told = {name: getattr(finding, name) for name in FIELDS} | {"severity": _level(finding.severity)}
    evidence = {name: _plain(value) for name, value in finding.evidence.items()}
    return told | {"confidence": _plain(finding.confidence), "evidence": evidence}


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None  # JSON has no NaN


def _tell(health: Health) -> None:
    say(f"{health.run.name} ({health.run.state}, seen up to step {health.until:,})")
    say(health.verdict)
    for episode in health.episodes:
        goes_on = ", goes on" if episode.open and health.run.state == "running" else ""
        where = f"steps {episode.first:,} to {episode.last:,}"
        say(f"  {_level(episode.severity):5}  {where}{goes_on}: {episode.headline.sentence}")
        if episode.open and episode.headline.advice:
            say(f"         {episode.headline.advice}")
    for sentence in health.missing:
        say(f"  {sentence}", aside=True)
    for name, problem in health.failed.items():
        say(f"  the detector {name} failed: {problem}", aside=True)
