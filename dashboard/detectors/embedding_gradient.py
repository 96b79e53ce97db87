"""The embedding's gradient jumps ahead of all others: what a collapse begins with (B1)."""

from __future__ import annotations

import numpy as np

from .baseline import Baseline, confidence
from .detector import EMPTY, Detector, Facts, News
from .finding import Finding, Severity
from .runs import Runs, Stretch

SPREADS = 6.0  # robust sd of the log of embedding over rest, above its median ...
TIMES = 4.0  # ... this many times it ...
OWN = 3.0  # ... and the embedding's norm this many times its own median
GAP = 20
NORMS = "grad_norm", "grad_norm_applied"
ADVICE = (
    "Shrink the embedding's gradient (to a tenth, as GLM-130B did), give the embedding a lower learning rate or a "
    "normalisation behind it, and look at the batches of these steps for rare tokens."
)


class Watch:
    """log(e / sqrt(g^2 - e^2)), e the embedding's gradient norm, g that of all tensors, against the 128 before it.

    Why: spikes that end in a collapse are usually the embedding's, often orders of magnitude above the other layers,
    and stand a few steps ahead of the loss. The embedding's own norm has to have grown as well: a rest that shrinks is
    no fault of the embedding. Source: Zeng et al. 2022, GLM-130B.
    """

    def __init__(self, facts: Facts):
        self.ratio, self.own = Baseline(floor=0.0), Baseline(floor=0.0)
        self.runs = Runs(gap=GAP)
        self.name = ""

    def see(self, news: News) -> list[Finding]:
        steps, embedding = news.of("grad_norm_embedding")
        self.name = self.name or next((name for name in NORMS if len(news.of(name)[0])), "")
        at, norms = news.of(self.name) if self.name else EMPTY
        steps, where, here = np.intersect1d(steps, at, assume_unique=True, return_indices=True)
        embedding, norms = embedding[where], norms[here]
        keep = np.isfinite(embedding) & np.isfinite(norms) & (embedding > 0) & (norms > 0)
        steps, log_e, log_g = steps[keep], np.log(embedding[keep]), np.log(norms[keep])
        rest = log_g + 0.5 * np.log(np.maximum(1 - np.exp(np.minimum(2 * (log_e - log_g), 0)), 1e-6))
        ratio = log_e - rest
        level, spread = self.ratio.feed(ratio)
        usual, _ = self.own.feed(log_e)
        score = (ratio - level) / np.maximum(spread, 0.02)
        flags = (score >= SPREADS) & (ratio - level >= np.log(TIMES)) & (log_e - usual >= np.log(OWN))
        known = {"norm": np.exp(log_e), "usual": np.exp(usual), "over_rest": np.exp(ratio)}
        return [_finding(one) for one in self.runs.feed(steps, flags, score, **known)]


def _finding(one: Stretch) -> Finding:
    at = f"at step {one.first:,}" if one.count == 1 else f"in {one.count} of the steps {one.first:,} to {one.last:,}"
    norm, usual, over = (one.at_peak[name] for name in ("norm", "usual", "over_rest"))
    text = (
        f"The embedding's gradient jumped {at}, to {norm:.3g} (usually {usual:.3g}): {over:.2g} times that of all "
        "other layers together."
    )
    evidence = {**one.at_peak, "score": one.peak, "peak_step": float(one.peak_step), "steps": float(one.count)}
    return Finding(
        "embedding_gradient", "", one.first, one.last, one.flagged, Severity.WATCH, text, ADVICE, evidence,
        confidence(one.peak, SPREADS), one.open,
    )  # fmt: skip


detector = Detector(
    "embedding_gradient",
    "The gradient of the embedding jumps while that of the other layers does not.",
    ("grad_norm_embedding", *NORMS),
    Watch,
    mechanism=True,
)
