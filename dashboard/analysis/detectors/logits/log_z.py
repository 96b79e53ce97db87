"""Output logits that drift off together: the loss does not see it until the numbers are too coarse."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from ..detector import Detector, Facts, News
from ..severity import Severity

FAR, TOO_FAR = 30.0, 100.0  # nats from 0: bfloat16 numbers are 1/8 apart at the first, 1/2 at the second
MOVED = 20.0  # nats since the first samples: a level inherited from an earlier run is no drift
REFERENCE, LATEST = 5, 3  # samples
EASED = 0.7  # of FAR: it is over below
ADVICE = (
    "Add a z-loss (1e-4 times the mean of log^2 Z), or weight decay on the output layer; compute the output logits and "
    "the softmax in float32."
)


class Watch:
    """The median of the last three of log Z - loss, which is the mean logit of the right token.

    Why not log Z: loss = log Z - z_y, so the two rise together at every loss spike and one would foretell the other by
    identity. A shift of all logits moves log Z and z_y alike and leaves the loss. Both signs count. Source: Wortsman
    et al. 2023 (logits of -100s late in training without weight decay); Chowdhery et al. 2022 for the z-loss.
    """

    def __init__(self, facts: Facts) -> None:
        self.fault = Fault()
        self.name = ""
        self.early: list[tuple[int, float]] = []  # the first samples
        self.latest = np.empty(0)  # the newest LATEST - 1

    def see(self, news: News) -> list[Finding]:
        steps, drift = self._samples(news)
        line = np.r_[self.latest, drift]
        self.latest = line[-(LATEST - 1) :]
        if len(line) < LATEST:
            self.early += zip(steps.tolist(), drift.tolist(), strict=True)
            return []
        levels = np.median(np.lib.stride_tricks.sliding_window_view(line, LATEST), axis=1)
        missing = REFERENCE - len(self.early)
        self.early += zip(steps[:missing].tolist(), drift[:missing].tolist(), strict=True) if missing > 0 else []
        if len(self.early) < REFERENCE:
            return []
        steps = steps[len(steps) - len(levels) :]
        started = self.early[-1][0]
        usual = float(np.median([value for _, value in self.early]))
        size = np.where(steps > started, np.abs(levels), 0)
        moved = np.abs(levels - usual) >= MOVED
        for i in np.flatnonzero((size >= FAR) & moved | (steps > started) & (size < EASED * FAR)).tolist():
            if size[i] < FAR:
                self.fault.close()
            else:
                self.fault.report(self._finding(int(steps[i]), float(levels[i]), usual))
        return self.fault.changes()

    def _samples(self, news: News) -> tuple[np.ndarray, np.ndarray]:
        """Steps and log Z - loss; log Z alone where the loss of that step is not known."""
        self.name = self.name or next((n for n in ("log_z_mean", "log_z_max") if len(news.of(n)[0])), "")
        steps, values = news.of(self.name)
        keep = np.isfinite(values)
        steps, values = steps[keep], values[keep]
        at, losses = news.of("loss")
        if not len(at):
            return steps, values
        where = np.minimum(np.searchsorted(at, steps), len(at) - 1)
        known = (at[where] == steps) & np.isfinite(losses[where])
        return steps, values - np.where(known, losses[where], 0)

    def _finding(self, step: int, level: float, usual: float) -> Finding:
        gap = 2.0 ** (np.floor(np.log2(abs(level))) - 7)
        severity = Severity.ACT if abs(level) >= TOO_FAR else Severity.WATCH
        text = (
            f"The output logits have drifted: the right token's is {level:,.0f} on average, it was {usual:,.1f}; near "
            f"{abs(level):,.0f} bfloat16 numbers are {gap:g} apart."
        )
        evidence = {"value": level, "usual": usual, "apart": float(gap)}
        return Finding("log_z", "", step, step, step, severity, text, ADVICE, evidence, 0.8)


detector = Detector(
    "log_z",
    "The output logits drift away from 0 together, up or down.",
    ("log_z_mean", "log_z_max", "loss"),
    Watch,
    mechanism=True,
    needs=REFERENCE + 1,
)
