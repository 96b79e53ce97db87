"""The loss no longer falls at this learning rate; it may well at another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .....db.records import Finding
from .._support.downsampled import Downsampled
from .._support.fault import Fault
from ..detector import Detector, Facts, News
from ..severity import Severity

FEWEST, STEPS = 32, 1000  # means and steps at one learning rate before anything is said
SAME = 0.02  # relative change of the learning rate that begins anew
NEGLIGIBLE = 0.003  # of the loss: expected gain from as many steps again as were looked at
ADVICE = (
    "Lower the learning rate: what is left is often noise that a decay takes away. Where the training accuracy is "
    "perfect, generalisation may still come late. This does not say that the run has converged."
)


class Watch:
    """The slope of the loss over the later half of the steps at one learning rate.

    Why: at a constant learning rate the loss can stand still for two reasons, the end of what can be learned and the
    noise that this rate sustains; no curve tells them apart, so that this is only ever a plateau *at this rate*. gain =
    -slope * length, by least squares with a standard error from means of neighbours; reported where gain + 2 se is
    below .3 % of the loss and so is |gain|.
    """

    def __init__(self, facts: Facts) -> None:
        self.fault = Fault()
        self.losses = Downsampled(256, every=32)
        self.rate: float | None = None  # at which these losses were
        self.began = -1

    def see(self, news: News) -> list[Finding]:
        steps, losses = news.of("loss")
        at, rates = next(iter(sorted(news.points.get("lr", {}).items())), ((), news.of("lr")))[1]
        known = np.isfinite(rates)
        at, rates = at[known], rates[known]
        done = 0
        for cut in self._changes(at, rates):
            end = int(np.searchsorted(steps, at[cut]))
            if at[cut] - self.began > STEPS:  # else it ends before anything could be said
                self._look(steps[done:end], losses[done:end])
            self.losses = Downsampled(256, every=32)
            self.rate, self.began, done = float(rates[cut]), int(at[cut]), end
            self.fault.close()
        self._look(steps[done:], losses[done:])
        return self.fault.changes()

    def _changes(self, at: np.ndarray, rates: np.ndarray) -> Iterator[int]:
        """Positions at which the learning rate is no longer what it was when this stretch began."""
        rate, position = self.rate, 0
        while position < len(rates):
            part = rates[position : position + 4096]
            if rate is not None:
                low, high = rate - SAME * abs(rate), rate + SAME * abs(rate)
                moved = np.flatnonzero((part < low) | (part > high))
                if not len(moved):
                    position += len(part)
                    continue
                position += int(moved[0])
            rate = float(rates[position])
            yield position
            position += 1

    def _look(self, steps: np.ndarray, losses: np.ndarray) -> None:
        if self.rate is None:
            return  # without a learning rate nothing can be said of a plateau at it
        for step in self.losses.feed(steps, losses):
            if len(self.losses) % 16 == 0 and len(self.losses) >= FEWEST and step - self.began >= STEPS:
                self._decide(step, self.rate)

    def _decide(self, step: int, rate: float) -> None:
        half = len(self.losses) // 2
        steps, values = self.losses.steps[half:], self.losses.values[half:]
        level = float(np.median(values))
        if level <= 0:
            return
        gain, se = _gain(steps, values)
        if abs(gain) + 2 * se < NEGLIGIBLE * level:
            length = int(steps[-1] - steps[0])
            text = (
                f"At a learning rate of {rate:.3g} the loss has been flat at {level:.4g} for {length:,} steps: as "
                f"many more would gain {gain:.1g} (± {2 * se:.1g})."
            )
            evidence = {"loss": level, "gain": gain, "error": 2 * se, "steps": float(length), "lr": rate}
            self.fault.report(Finding("plateau", "", step, step, step, Severity.NOTE, text, ADVICE, evidence, 0.7))
        elif abs(gain) - 2 * se > NEGLIGIBLE * level:
            self.fault.close()


def _gain(steps: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Fall of the loss over these steps by least squares, and its standard error under correlated noise."""
    u = (steps - steps.mean()) / (steps[-1] - steps[0])
    spread = u @ u
    slope = u @ (values - values.mean()) / spread
    residual = values - values.mean() - slope * u
    correlation = np.clip(residual[1:] @ residual[:-1] / max(residual @ residual, 1e-300), 0, 0.9)
    variance = residual @ residual / (len(values) - 2) * (1 + correlation) / (1 - correlation)
    return float(-slope), float(np.sqrt(variance / spread))


detector = Detector(
    "plateau",
    "The loss no longer falls at this learning rate, which does not mean that it has converged.",
    ("loss", "lr"),
    Watch,
    needs=32 * FEWEST,
)
