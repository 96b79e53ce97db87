"""Single elements of a gradient far beyond their own past: invisible in the norm, seen per element (A3, T5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .detector import Detector, Facts, News
from .finding import Finding, Severity

THRESHOLD = 5000.0  # of g^2 / v, v before the step: |g| is 71 times its usual size
GAP = 20  # steps: spikes nearer than that are one event
ADVICE = (
    "Look at the batch of this step; clip single elements at 71 times their usual size, or skip the step. The second "
    "moment of the element stays inflated for about 3 / (1 - beta2) steps."
)


class Watch:
    """Takes in every tensor's largest g^2 / (v + eps^2) and merges what is above 5,000 into events.

    Why: one element a thousand times too large among a million moves the global norm by a factor of 1.4, among a
    hundred million by half a percent. An event is named after the tensor with the largest score at its first step.
    Source: Huang et al. 2025, SPAM, and its threshold.
    """

    def __init__(self, facts: Facts):
        self.event: Finding | None = None

    def see(self, news: News) -> list[Finding]:
        shares = news.points.get("grad_spike_share", {})
        hits = []  # (step, -score, tensor, share)
        for part, (steps, scores) in news.points.get("grad_spike_max", {}).items():
            for i in np.flatnonzero((scores > THRESHOLD) & np.isfinite(scores)).tolist():
                step, share = int(steps[i]), _at(shares.get(part), steps[i])
                hits.append((step, -float(scores[i]), "/".join(part), share))
        known = {step for step, *_ in hits}
        steps, scores = news.of("grad_spike")
        for i in np.flatnonzero((scores > THRESHOLD) & np.isfinite(scores)).tolist():
            if int(steps[i]) not in known:
                hits.append((int(steps[i]), -float(scores[i]), "", np.nan))
        said: dict[tuple, Finding] = {}
        for step, score, tensor, share in sorted(hits, key=lambda hit: hit[:3]):
            self._close(step - GAP - 1, said)
            self._grow(step, -score, tensor, share)
            said[self.event.key] = self.event
        self._close(news.until - GAP, said)
        return list(said.values())

    def _close(self, before: int, said: dict) -> None:
        if self.event is not None and self.event.last < before + 1:
            said[self.event.key] = replace(self.event, open=False)
            self.event = None

    def _grow(self, step: int, score: float, tensor: str, share: float) -> None:
        now = self.event
        if now is None:
            evidence = {"score": score, "peak_step": float(step), "steps": 1.0, "tensors": 1.0}
            now = Finding("element_spike", tensor, step, step, step, Severity.WATCH, "", ADVICE, evidence)
            if np.isfinite(share):
                evidence["share"] = share
        else:
            known = now.evidence
            evidence = known | {
                "steps": known["steps"] + (step > now.last),
                "tensors": known["tensors"] + (step == now.first),
            }
            if score > known["score"]:
                evidence |= {"score": score, "peak_step": float(step)}
            now = replace(now, last=step, evidence=evidence)
        self.event = replace(now, sentence=_sentence(now))


def _sentence(event: Finding) -> str:
    known = event.evidence
    times = known["score"] ** 0.5
    where = event.part or "some tensor"
    others = f", in {known['tensors'] - 1:.0f} more tensors at once" if known["tensors"] > 1 else ""
    again = f", and at {known['steps'] - 1:.0f} more steps up to {event.last:,}" if known["steps"] > 1 else ""
    return (
        f"An element of the gradient of {where} was up to {times:,.0f} times its usual size at step "
        f"{event.first:,}{others}{again}."
    )


def _at(points, step) -> float:
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
)
