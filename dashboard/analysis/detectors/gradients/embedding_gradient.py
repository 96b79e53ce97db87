"""The embedding's gradient jumps or grows ahead of all others: what a collapse begins with."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.baseline import RunningBaseline
from .._support.block_medians import BlockMedians
from .._support.fault import Fault
from ..detector import EMPTY, Detector, Facts, News
from ..severity import Severity

SPREADS = 6.0  # robust sd of the log of embedding over rest, above its median ...
TIMES = 4.0  # ... this many times it ...
OWN = 3.0  # ... and the embedding's norm this many times its own median
FAR = 10.0  # times the usual ratio, ...
BLOCK, LASTING = 8, 3  # ... of the medians of 8 points, three in a row: no single batch any more
GAP = 50  # points without a hit that end it
NORMS = "grad_norm", "grad_norm_applied"
ADVICE = (
    "Shrink the embedding's gradient (to a tenth, as GLM-130B did), give the embedding a lower learning rate or a "
    "normalisation behind it, and look at the batches of these steps for rare tokens."
)


class Watch:
    """log(e / sqrt(g^2 - e^2)), e the embedding's gradient norm, g that of all tensors, against what was usual.

    Why: spikes that end in a collapse are usually the embedding's, often orders of magnitude above the other layers,
    and stand ahead of the loss. Single points are held against the 128 before, medians of 8 points against the 128 such
    medians before the last 8, so that slow growth counts too. The embedding's own norm has to have grown as well: a
    rest that shrinks is no fault of the embedding. Source: Zeng et al. 2022, GLM-130B.
    """

    def __init__(self, facts: Facts) -> None:
        self.name = ""
        self.fault = Fault()
        self.points = Held({})
        self.blocks = Held({"every": 8, "lag": 8})
        self.ratios, self.norms = BlockMedians(BLOCK), BlockMedians(BLOCK)
        self.far = np.zeros(LASTING - 1, bool)  # the last blocks
        self.count = self.hit = 0  # points so far; position of the last hit

    def see(self, news: News) -> list[Finding]:
        steps, ratio, log_e = self._series(news)
        at, medians = self.ratios.feed(steps, ratio)
        _, norms = self.norms.feed(steps, log_e)
        flags, over, usual = self.points.feed(ratio, log_e)
        slow, over_slow, usual_slow = self.blocks.feed(medians, norms)
        far = np.concatenate([self.far, slow & (over_slow >= FAR)])
        self.far = far[len(slow) :]
        lasting = np.all([far[k : len(slow) + k] for k in range(LASTING)], axis=0)
        hits = [(int(steps[i]), Severity.WATCH, over[i], log_e[i], usual[i]) for i in np.flatnonzero(flags)]
        for i in np.flatnonzero(slow):
            severity = Severity.ACT if lasting[i] else Severity.WATCH
            hits.append((int(at[i]), severity, over_slow[i], norms[i], usual_slow[i]))
        for hit in sorted(hits):
            position = self.count + int(np.searchsorted(steps, hit[0]))
            if position - self.hit > GAP:
                self.fault.close()
            self.hit = position
            self.fault.report(_finding(*hit))
        self.count += len(steps)
        if self.count - 1 - self.hit > GAP:
            self.fault.close()
        return self.fault.changes()

    def _series(self, news: News) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Steps, log of embedding over rest, log of the embedding's norm."""
        self.name = self.name or next((name for name in NORMS if len(news.of(name)[0])), "")
        at, norms = news.of(self.name) if self.name else EMPTY
        steps, embedding = news.of("grad_norm_embedding")
        steps, where, here = np.intersect1d(steps, at, assume_unique=True, return_indices=True)
        embedding, norms = embedding[where], norms[here]
        keep = np.isfinite(embedding) & np.isfinite(norms) & (embedding > 0) & (norms > 0)
        log_e, log_g = np.log(embedding[keep]), np.log(norms[keep])
        rest = np.maximum(1 - np.exp(np.minimum(2 * (log_e - log_g), 0)), 1e-6)  # squared, of the whole
        return steps[keep], log_e - log_g - 0.5 * np.log(rest), log_e


class Held:
    """A ratio and a norm, as logs, against their own past."""

    def __init__(self, how: dict[str, int]) -> None:
        self.ratio, self.norm = RunningBaseline(floor=0.0, **how), RunningBaseline(floor=0.0, **how)

    def feed(self, ratio: np.ndarray, norm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """[n] each: whether it stands out, the ratio over its usual, log of the usual norm."""
        level, spread = self.ratio.feed(ratio)
        usual, _ = self.norm.feed(norm)
        above = ratio - level
        flags = (above >= SPREADS * np.maximum(spread, 0.02)) & (above >= np.log(TIMES)) & (norm - usual >= np.log(OWN))
        return flags, np.exp(np.minimum(above, 300)), usual


def _finding(step: int, severity: Severity, over: float, norm: float, usual: float) -> Finding:
    norm, usual = float(np.exp(norm)), float(np.exp(usual))
    text = (
        f"The embedding's gradient norm is {norm:.3g} at step {step:,}, usually {usual:.3g}: against the other layers "
        f"it has grown to {over:,.3g} times its share."
    )
    evidence = {"norm": norm, "usual": usual, "over_rest": float(over)}
    sure = 0.9 if severity is Severity.ACT else 0.7
    return Finding("embedding_gradient", "", step, step, step, severity, text, ADVICE, evidence, sure)


detector = Detector(
    "embedding_gradient",
    "The gradient of the embedding jumps or grows while that of the other layers does not.",
    ("grad_norm_embedding", *NORMS),
    Watch,
    mechanism=True,
    needs=11,
)
