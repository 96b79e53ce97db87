"""What an alert says: which episodes people have not heard of, and the words of the message."""

from __future__ import annotations

from urllib.parse import quote

from ....db import Run
from ...analysis.detectors.episodes import Episode
from ..health import Health

LONGEST = 300  # characters of one finding's sentence


def new_episodes(health: Health, least: int) -> list[Episode]:
    """The episodes at least so severe that nobody was alerted of at their severity, and that the user has not reviewed.

    A kind that the user silenced in one part of the run stays silent there.
    """
    silenced = {(finding.kind, finding.part) for finding in health.findings if finding.judgement == "silenced"}
    out = []
    for episode in health.episodes:
        known = any(f.judgement or (f.alerted and f.severity >= episode.severity) for f in episode.findings)
        heard = {(finding.kind, finding.part) for finding in episode.findings} - silenced
        if episode.severity >= least and not known and heard:
            out.append(episode)
    return out


def message(run: Run, episode: Episode, more: int, link: str) -> tuple[str, str]:
    """Title and text of a message: what, since when, what to try, and where to look."""
    head = episode.headline
    name = one_line(run.name, 80)
    lines = [one_line(head.sentence, LONGEST), one_line(head.advice, LONGEST)]
    lines.append(
        f"Run {name}, step {head.flagged:,}" + (f" of {run.steps_planned:,}" if run.steps_planned else "") + "."
    )
    if more:
        lines.append(f"{more} more {'episode' if more == 1 else 'episodes'} in this run.")
    if link:
        lines.append(f"{link}/Run?run={quote(run.id)}")
    return f"Barograph: {head.kind.replace('_', ' ')} in {name}", "\n".join(line for line in lines if line)


def one_line(text: str, most: int) -> str:
    """A text from outside as one line of at most so many characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
