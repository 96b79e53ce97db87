"""Single elements of a gradient far beyond their own past: invisible in the norm, seen per element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .....db.records import Finding
from ..detector import Detector, Facts, News, Points
from ..severity import Severity

THRESHOLD = 5000.0  # of g^2 / v, v before the step: |g| is 71 times its usual size ...
TIMES = 400.0  # ... and this many times the 99 % quantile of the tensor's own scores: they have heavy tails
PAST, BURN_IN, EVERY = 400, 150, 16  # points of it; the first have a v of few steps; how often it is measured anew
GAP = 20  # steps: spikes nearer than that are one event
GOES_ON = 10  # steps with spikes in one event: no single batch any more
ADVICE = (
    "Look at the batch of this step; clip single elements at 71 times their usual size, or skip the step. The second "
    "moment of the element stays inflated for about 3 / (1 - beta2) steps."
)
LASTING = "Clip single elements at 71 times their usual size (sign(g) sqrt(5000 v)), and look for what makes them."

Findings = dict[tuple[str, str, int], Finding]  # by key


class Watch:
    """Every tensor's largest g^2 / (v + eps^2) against 5,000 and against its own past, merged into events.

    Why: one element a thousand times too large among a million moves the global norm by a factor of 1.4, among a
    hundred million by half a percent. Yet the largest of so many scores is above 5,000 now and then in any healthy run,
    where an element wakes that was nearly dead; the tensor's own quantile tells these apart. An event is named after
    the tensor with the largest score at its first step. Source: Huang et al. 2025, SPAM, and its threshold.
    """

    def __init__(self, facts: Facts) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.event: Finding | None = None

    def see(self, news: News) -> list[Finding]:
        shares = news.points.get("grad_spike_share", {})
        hits = []  # (step, -score, tensor, share)
        parts = news.points.get("grad_spike_max", {})
        for part, (steps, scores) in parts.items():
            name = "/".join(part)
            for step, score in self.tensors.setdefault(name, Tensor()).feed(steps, scores):
                hits.append((step, -score, name, _at(shares.get(part), step)))
        steps, scores = news.of("grad_spike")  # where the tensors are not recorded
        alone = np.isin(steps, next(iter(parts.values()))[0], invert=True) if parts else np.full(len(steps), True)
        for step, score in self.tensors.setdefault("", Tensor()).feed(steps[alone], scores[alone]):
            hits.append((step, -score, "", np.nan))
        changed: Findings = {}
        for step, score, tensor, share in sorted(hits, key=lambda hit: hit[:3]):
            self._close(step - GAP, changed)
            self._grow(step, -score, tensor, share, changed)
        self._close(news.until - GAP, changed)
        return list(changed.values())

    def _close(self, before: int, changed: Findings) -> None:
        if self.event is not None and self.event.last < before:
            changed[self.event.key] = replace(self.event, open=False)
            self.event = None

    def _grow(
        self, step: int, score: float, tensor: str, share: float, changed: dict[tuple[str, str, int], Finding]
    ) -> None:
        now = self.event
        if now is None:
            known = {"score": score, "peak_step": float(step), "steps": 1.0, "tensors": 1.0}
            known |= {"share": share} if np.isfinite(share) else {}
            now = Finding("element_spike", tensor, step, step, step, Severity.WATCH, "", ADVICE, known, 0.7)
        else:
            known = dict(now.evidence)
            known["steps"] += step > now.last
            known["tensors"] += step == now.first
            if score > known["score"]:
                known |= {"score": score, "peak_step": float(step)}
            if known["steps"] >= GOES_ON and now.severity < Severity.ACT:
                changed[now.key] = replace(now, open=False, last=step)
                known["since"] = float(now.first)
                now = replace(now, first=step, flagged=step, severity=Severity.ACT, advice=LASTING, confidence=0.8)
            now = replace(now, last=step, evidence=known)
        self.event = changed[now.key] = replace(now, sentence=_sentence(now))


class Tensor:
    """One tensor's scores: which of the new ones are spikes."""

    def __init__(self) -> None:
        self.past = np.empty(0)
        self.ceiling = np.full(GAP, np.inf)  # of the next points, as they enter the past
        self.count = 0  # of all scores so far
        self.limit = np.inf

    def feed(self, steps: np.ndarray, scores: np.ndarray) -> Iterator[tuple[int, float]]:
        """(step, score) of each spike; neither it nor what follows it enters the past: it would become the usual."""
        keep = np.isfinite(scores)
        steps, scores = steps[keep], scores[keep]
        line, before = np.concatenate([self.past, scores]), len(self.past)
        ceiling = np.concatenate([self.ceiling, np.full(len(scores), np.inf)])
        line[before:] = np.minimum(scores, ceiling[: len(scores)])
        block = self.count // EVERY if before else -1
        for i in np.flatnonzero(scores > THRESHOLD).tolist():
            position = self.count + i
            if position < BURN_IN:
                continue
            if position // EVERY != block or not np.isfinite(self.limit):
                block = position // EVERY
                end = before + block * EVERY - self.count
                usual = float(np.quantile(line[max(end - PAST, 0) : end], 0.99))
                self.limit = max(THRESHOLD, TIMES * usual)
            if scores[i] > self.limit:
                ceiling[i : i + GAP] = np.minimum(ceiling[i : i + GAP], self.limit / TIMES)
                line[before + i : before + i + GAP] = np.minimum(
                    line[before + i : before + i + GAP], self.limit / TIMES
                )
                yield int(steps[i]), float(scores[i])
        self.count += len(scores)
        if self.count // EVERY != block:
            self.limit = np.inf  # to be measured anew
        self.past, self.ceiling = line[-PAST - EVERY :].copy(), ceiling[len(scores) :]


def _sentence(event: Finding) -> str:
    known = event.evidence
    where = event.part or "some tensor"
    first = int(known.get("since", event.first))
    others = f", in {known['tensors'] - 1:.0f} more tensors at once" if known["tensors"] > 1 else ""
    again = f", and at {known['steps'] - 1:.0f} more steps up to {event.last:,}" if known["steps"] > 1 else ""
    times = f"up to {known['score'] ** 0.5:,.0f} times its usual size"
    return f"An element of the gradient of {where} was {times} at step {first:,}{others}{again}."


def _at(points: Points | None, step: int) -> float:
    """The value at this step, NaN where there is none."""
    if points is None:
        return float("nan")
    i = np.searchsorted(points[0], step)
    return float(points[1][i]) if i < len(points[0]) and points[0][i] == step else float("nan")


detector = Detector(
    "element_spike",
    "Single elements of a tensor's gradient are more than 70 times their usual size.",
    ("grad_spike_max", "grad_spike_share", "grad_spike"),
    Watch,
    mechanism=True,
    needs=BURN_IN + 1,
)
