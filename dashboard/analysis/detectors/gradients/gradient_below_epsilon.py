"""Gradients that sink into Adam's epsilon: training stalls, and no plot of the loss says why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from ..detector import Detector, Facts, News
from ..severity import Severity

NEAR, BELOW = 10.0, 1.0  # RMS of the gradient over epsilon
ROW = 30  # samples in a row: queries and keys that start near zero have small gradients for some steps
ALIVE = 1e-3  # of the median tensor's ratio: what never had that gets rounding errors for gradients
MANY = 0.5  # of the tensors below epsilon: the run is being spoiled; a few alone may be scale-free (qk-norm), and well
LEARNED = 0.01  # of the first losses: nothing is left to learn, so that gradients vanish for a good reason
ADVICE = (
    "Use a smaller epsilon (1e-15 costs nothing in float32), or a larger loss scale; look whether an initialisation or "
    "a normalisation makes the gradients of these tensors this small."
)


class Watch:
    """RMS(g) / epsilon of each tensor at each sampled step, thirty samples in a row; over after as many without.

    Why: Adam divides by sqrt(v) + epsilon. Where RMS(g) is near epsilon the update shrinks with the gradient, and the
    gradient's RMS falls with size and learning rate: at 4.8B parameters it came near 1e-8. Biases do not count, nor
    tensors that were always a thousand times below the median one: a key's bias has no gradient but rounding errors.
    Source: Wortsman et al. 2023.
    """

    def __init__(self, facts: Facts) -> None:
        self.eps = facts.eps
        self.fault = Fault()
        self.clear = 0  # samples in a row without a small gradient
        self.rows: dict[str, np.ndarray] = {}  # by tensor: samples in a row [below NEAR, below BELOW], and ever [alive]
        self.first_losses = np.empty(0)
        self.loss = np.nan  # the newest

    def see(self, news: News) -> list[Finding]:
        losses = self._losses(news)
        points = news.points.get("grad_rms_to_eps", {})
        columns = {"/".join(p): c for p, c in points.items() if len(c[0]) and not _is_bias(p)}
        if not columns:
            return []
        steps = np.unique(np.concatenate([c[0] for c in columns.values()]))
        names = sorted(set(columns) | set(self.rows))
        table = np.full((len(names), len(steps)), np.nan)
        for name, (at, values) in columns.items():
            table[names.index(name), np.searchsorted(steps, at)] = np.where(np.isfinite(values), values, np.nan)
        table[~(table > 0)] = np.nan  # no gradient at all: frozen, or not reached
        seen = np.isfinite(table)
        ordered = np.sort(table, axis=0)
        count = seen.sum(0)
        median = ordered[np.maximum(count - 1, 0) // 2, np.arange(len(steps))]
        rows = np.array([self.rows.get(name, np.zeros(3, int)) for name in names])
        alive = np.cumsum(seen & (table >= ALIVE * median), axis=1) + rows[:, 2:]
        counted = seen & (alive >= ROW)
        low = counted & (table < NEAR)
        near, below = _in_a_row(low, seen, rows[:, 0]), _in_a_row(low & (table < BELOW), seen, rows[:, 1])
        self.rows = dict(
            zip(names, np.stack([near[:, -1], below[:, -1], np.minimum(alive[:, -1], ROW)], axis=1), strict=True)
        )
        held = (near >= ROW) & low
        for i in range(len(steps)):
            if not held[:, i].any():
                self.clear = 0 if (counted[:, i] & (table[:, i] < 2 * NEAR)).any() else self.clear + 1
                if self.clear >= ROW:
                    self.fault.close()
                continue
            self.clear = 0
            dead = (below[:, i] >= ROW).sum() / counted[:, i].sum()
            worst = int(np.nanargmin(np.where(held[:, i], table[:, i], np.nan)))
            left = losses(steps[i])
            self._say(int(steps[i]), names[worst], table[worst, i], held[:, i].sum(), counted[:, i].sum(), dead, left)
        return self.fault.changes()

    def _losses(self, news: News) -> Callable[[int], float]:
        """step -> the loss there as part of the first losses; NaN where unknown."""
        steps, values = news.of("loss")
        keep = np.isfinite(values)
        steps, values = steps[keep], values[keep]
        self.first_losses = np.r_[self.first_losses, values[: 5 - len(self.first_losses)]]
        before = self.loss
        self.loss = values[-1] if len(values) else before
        start = np.median(self.first_losses) if len(self.first_losses) else np.nan

        def share(step: int) -> float:
            i = np.searchsorted(steps, step, side="right") - 1
            return (values[i] if i >= 0 else before) / start if start > 0 else np.nan

        return share

    def _say(self, step: int, name: str, ratio: float, held: int, counted: int, dead: float, left: float) -> None:
        text = f"The gradient of {name} is {ratio:.2g} times Adam's epsilon"
        text += f" ({self.eps:g})" if self.eps else ""
        text += f", and {held - 1} more of {counted} tensors are below {NEAR:g} times" if held > 1 else ""
        severity = Severity.ACT if dead >= MANY else Severity.WATCH
        if left < LEARNED:
            severity, text = Severity.NOTE, f"{text}: the loss is nearly zero, so little gradient is left"
        else:
            text += ": its updates shrink, and it stops learning"
        evidence = {"ratio": float(ratio), "tensors": float(held), "of": float(counted), "below": float(dead)}
        part = name if held <= max(1, counted // 2) else ""
        self.fault.report(
            Finding("gradient_below_epsilon", part, step, step, step, severity, f"{text}.", ADVICE, evidence, 0.8)
        )


def _is_bias(part: tuple[str, ...]) -> bool:
    return part[-1:] != () and part[-1].rsplit(".", 1)[-1].endswith("bias")


def _in_a_row(hit: np.ndarray, seen: np.ndarray, before: np.ndarray) -> np.ndarray:
    """[tensor, step]: hits in a row up to here, of the samples that are there; `before` [tensor] have gone before."""
    total = np.cumsum(hit, axis=1) + before[:, None]
    reset = np.where(seen & ~hit, total, 0)
    found: np.ndarray = total - np.maximum.accumulate(reset, axis=1)
    return found


detector = Detector(
    "gradient_below_epsilon",
    "Gradients are so small that Adam's epsilon outweighs them, and their tensors stop learning.",
    ("grad_rms_to_eps", "loss"),
    Watch,
    mechanism=True,
    needs=ROW,
)
