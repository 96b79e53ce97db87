"""What was found in a run, as the pages show it: frames for the charts, cards to read, tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ....db.records import Finding
from ....formatting import number, short
from ...analysis.detectors.episodes import UNEXPLAINED, Episode
from ...analysis.detectors.gradients.element_spike import THRESHOLD

Locate = Callable[[np.ndarray], np.ndarray]  # from steps to places on the x axis
TONES = ("note", "watch", "act")  # by severity
EXPECTED = "expected_rise"
NARROW = 0.004  # of what is shown: nothing is drawn narrower
PALE = 0.22
INTERNAL = {"slope", "intercept", "rise", "share", "score", "low", "high", "training"}  # evidence that no reader needs
EVIDENCE = {
    "at": "At step",
    "before": "Before",
    "below": "Share of tensors far below epsilon",
    "bottom": "Lowest at step",
    "crossing_high": "Latest crossing at step",
    "crossing_low": "Earliest crossing at step",
    "crossing_mid": "Expected crossing at step",
    "delay": "Delay in steps",
    "depth": "Accuracy lost",
    "due": "Expected share",
    "error": "Two standard errors",
    "fall": "Fall since the highest",
    "first_step": "First at step",
    "gain": "Expected gain",
    "generalised": "Generalised at step",
    "held_out": "Held-out accuracy",
    "idle": "Silent for, s",
    "longest": "Longest pause before, s",
    "lost": "Accuracy lost",
    "lowest": "Lowest value",
    "memorised": "Memorised at step",
    "over_rest": "Growth against other layers",
    "peak_step": "Peak at step",
    "planned": "Planned steps",
    "predicted_level": "Expected recovery to",
    "predicted_step": "Expected recovery at step",
    "scale": "Loss scale",
    "settled": "Accuracy now",
    "since": "Since step",
    "start": "Value at the start",
    "step_time": "Time per step, s",
    "top": "Highest at step",
    "turn": "Turning point at step",
    "turn_high": "Latest turning point at step",
    "turn_low": "Earliest turning point at step",
    "usual": "Usual value",
}
FAN = 120  # points of a fan
BAR = {"from_x": float, "to_x": float, "from_step": int, "to_step": int, "flagged": int, "lane": object, "tone": object}
BAR |= {"weight": float, "n": int, "where": object, "sentence": object, "open": bool}


def tone(finding: Finding) -> str:
    """How a finding is coloured: "act", "watch", "note", or "expected" for what only looks like a fault."""
    return "expected" if finding.kind == EXPECTED else TONES[int(finding.severity)]


def kind(name: str) -> str:
    """A detector's name as a heading."""
    return short(name.replace("non_", "non-").replace("_", " "), 60).capitalize()


def judgement_of(episode: Episode) -> str:
    """How the user has reviewed an episode, which is how its headline was reviewed."""
    return episode.headline.judgement


def where(findings: Sequence[Finding]) -> str:
    """The parts that were found at fault, in short."""
    parts = list(dict.fromkeys(finding.part for finding in findings if finding.part))
    if len(parts) < 2:
        return short(parts[0], 80) if parts else ""
    return f"{len(parts)} parts: {', '.join(short(part, 40) for part in parts[:3])}{', …' if len(parts) > 3 else ''}"


@dataclass(frozen=True)
class Span:
    """What is shown: steps from `lo` to `hi`, both inside."""

    lo: int
    hi: int

    def drawn(self, first: int, last: int) -> tuple[float, float] | None:
        """The ends of a bar wide enough to be seen and not beyond the right edge; None for one out of sight."""
        if last < self.lo or first > self.hi:
            return None
        least = NARROW * max(self.hi - self.lo, 1)
        last = max(first, min(last, self.hi))
        if last - first >= least:
            return first, last
        begin = max((first + last - least) / 2, min(first, self.lo))
        begin = min(begin, max(self.hi, self.lo + least) - least)
        return begin, begin + least


def timeline(episodes: Sequence[Episode], span: Span, locate: Locate) -> dict[str, pd.DataFrame]:
    """Frames for `charts.timeline`: a bar for each kind in each episode; faults before what is explained."""
    bars = []
    for episode in episodes:
        kinds: dict[str, list[Finding]] = {}
        for finding in episode.findings:
            kinds.setdefault(finding.kind, []).append(finding)
        for name, found in kinds.items():
            ends = span.drawn(min(f.first for f in found), max(f.last for f in found))
            if ends:
                bars.append(_bar(episode, name, found, ends))
    order = {"act": 0, "watch": 1, "note": 2, "expected": 3}
    worst: dict[str, int] = {}
    for bar in bars:
        worst[bar["lane"]] = min(worst.get(bar["lane"], 3), order[bar["tone"]])
    bars.sort(key=lambda bar: (worst[bar["lane"]], bar["lane"], bar["from_step"]))
    frame = pd.DataFrame(bars, columns=list(BAR)).astype(BAR)
    frame[["from_x", "to_x"]] = _located(frame[["from_x", "to_x"]], locate)
    return {"": frame, ".open": frame[frame["open"]]}


def _bar(episode: Episode, name: str, found: list[Finding], ends: tuple[float, float]) -> dict:
    worst = max(found, key=lambda f: (f.severity, -f.first))
    weight = PALE if judgement_of(episode) else 1.0 if name == episode.headline.kind else 0.6
    return {
        "from_x": ends[0],
        "to_x": ends[1],
        "from_step": min(f.first for f in found),
        "to_step": max(f.last for f in found),
        "flagged": min(f.flagged for f in found),
        "lane": kind(name),
        "tone": tone(worst),
        "weight": weight,
        "n": len(found),
        "where": where(found) or "the whole run",
        "sentence": short(worst.sentence, 240),
        "open": any(f.open for f in found),
    }


def shades(episodes: Sequence[Episode], span: Span, locate: Locate) -> pd.DataFrame:
    """The frame for `charts.timeline.spans`: the episodes that the user has not reviewed."""
    rows = []
    for episode in episodes:
        ends = span.drawn(episode.first, episode.last)
        if ends and not judgement_of(episode) and tone(episode.headline) != "note":
            rows.append({"from_x": ends[0], "to_x": ends[1], "tone": tone(episode.headline)})
    frame = pd.DataFrame(rows, columns=["from_x", "to_x", "tone"]).astype({"from_x": float, "to_x": float})
    frame[["from_x", "to_x"]] = _located(frame[["from_x", "to_x"]], locate)
    return frame


def _located(ends: pd.DataFrame, locate: Locate) -> np.ndarray:
    return locate(ends.to_numpy().ravel()).reshape(-1, 2) if len(ends) else ends.to_numpy()


def crossing(findings: Sequence[Finding]) -> Finding | None:
    """The finding whose projected crossing is to be drawn: the open one that comes first, if any."""
    known = [f for f in findings if f.kind == "attention_logits" and {"slope", "crossing_mid"} <= set(f.evidence)]
    known = [f for f in known if f.open and f.evidence["at"] < f.evidence["crossing_mid"] < math.inf]
    return min(known, key=lambda f: f.evidence["crossing_mid"], default=None)


def fan(finding: Finding | None, span: Span, planned: int | None, locate: Locate) -> pd.DataFrame:
    """Frame for `charts.crossing`: from the finding's last point to the limit, earliest, expected and latest.

    On a logarithmic axis each is a straight line from (at, exp(intercept)) to (crossing, limit); a latest crossing
    that is not foreseen leaves that edge flat. It ends at the planned end, or a little after the expected crossing.
    """
    steps, edges = np.empty(0), dict.fromkeys(("low", "mid", "high"), np.empty(0))
    if finding is not None:
        e = finding.evidence
        at, mid = e["at"], e["crossing_mid"]
        late = e.get("crossing_high", math.inf)
        end = min(planned or math.inf, late if math.isfinite(late) else at + 1.5 * (mid - at))
        steps = np.linspace(at, max(end, at + 1), FAN)
        steps = steps[(steps >= span.lo)]
        start, limit = e["intercept"], math.log(e["limit"])

        def edge(crossed: float) -> np.ndarray:
            grown = (steps - at) / max(crossed - at, 1) if math.isfinite(crossed) else np.zeros(len(steps))
            return np.exp(np.minimum(start + max(limit - start, 0) * grown, max(limit, start)))

        edges = {"low": edge(late), "mid": edge(mid), "high": edge(e.get("crossing_low", mid))}
    return pd.DataFrame({"x": locate(steps) if len(steps) else steps, "step": steps.round(), **edges})


def limits(top: float) -> pd.DataFrame:
    """The limits of the attention logits that come in sight when the largest is `top`, a fan included."""
    known = [(100.0, "100: watch", "watch"), (1e4, "10,000: runs beyond it diverged", "act")]
    rows = [row for row in known if top > row[0] / 5]
    return pd.DataFrame(rows, columns=["limit", "name", "tone"]).astype({"limit": float})


@dataclass(frozen=True)
class Card:
    """An episode in words. `keys` are those of all its findings, which are reviewed together."""

    tone: str
    title: str
    where: str
    steps: str
    sentence: str
    advice: str
    evidence: tuple[tuple[str, str], ...]
    confidence: float
    others: tuple[tuple[str, str, str], ...]  # tone, heading, sentence
    open: bool
    judgement: str
    keys: tuple[tuple[str, str, int], ...]

    @property
    def id(self) -> str:
        """What identifies the episode on a page, as it grows."""
        return "{}:{}:{}".format(*self.keys[0])


def cards(episodes: Sequence[Episode]) -> list[Card]:
    """The episodes as cards: what goes on first, then by severity and newness; what was reviewed comes last."""
    order = sorted(
        episodes,
        key=lambda e: (bool(judgement_of(e)), not e.open, tone(e.headline) == "expected", -e.severity, -e.first),
    )
    return [_card(episode) for episode in order]


def _card(episode: Episode) -> Card:
    head = episode.headline
    others = [f for f in episode.findings if f.key != head.key]
    same = [f for f in others if f.kind == head.kind]
    followed: dict[str, Finding] = {}
    for finding in sorted(others, key=lambda f: (-f.severity, f.first)):
        if finding.kind != head.kind:
            followed.setdefault(finding.kind, finding)
    first, last = f"{episode.first:,}", f"{episode.last:,}"
    ended = f"step {first}" if first == last else f"steps {first} to {last}"
    return Card(
        tone=tone(head),
        title=kind(head.kind),
        where=where([head, *same]),
        steps=f"since step {first}" if episode.open else ended,
        sentence=head.sentence,
        advice=head.advice,
        evidence=tuple(
            (EVIDENCE.get(name) or kind(name), _exact(name, value))
            for name, value in head.evidence.items()
            if name not in INTERNAL
        ),
        confidence=head.confidence,
        others=tuple((tone(f), kind(f.kind), f.sentence) for f in followed.values()),
        open=episode.open,
        judgement=judgement_of(episode),
        keys=tuple(finding.key for finding in (head, *others)),
    )


def _exact(name: str, value: float) -> str:
    """A number of an episode: steps to the last digit, others in short."""
    whole = float(value).is_integer() or name.startswith("crossing")
    return f"{value:,.0f}" if whole and abs(value) < 1e9 else number(value)


def mood(episodes: Sequence[Episode], state: str) -> str:
    """The tone of a verdict: of the worst that goes on, "note" where faults are over, "" where nothing is wrong."""
    faults = [episode for episode in episodes if episode.severity]
    if state in UNEXPLAINED:
        return "act"
    going_on = [episode.severity for episode in faults if episode.open]
    return TONES[max(going_on)] if going_on else "note" if faults else ""


def spikes(found: dict[str, Any]) -> pd.DataFrame:
    """Tensors in which single elements of the gradient spiked, the largest first, from the buckets of each tensor.

    `times` is how many times its usual size the element had, sqrt(g^2 / v); `episodes` how many stretches of the
    run, each a bucket, had a spike.
    """
    rows = []
    for tensor, points in found.items():
        over = np.flatnonzero(points.high > THRESHOLD)
        if len(over):
            top = over[np.argmax(points.high[over])]
            times = round(math.sqrt(points.high[top]))
            row = {"tensor": short(tensor, 120), "times": times, "at step": points.high_at[top]}
            rows.append(row | {"episodes": len(over), "last at step": points.high_at[over[-1]]})
    table = pd.DataFrame(rows, columns=["tensor", "times", "at step", "episodes", "last at step"])
    return table.sort_values("times", ascending=False, ignore_index=True)
