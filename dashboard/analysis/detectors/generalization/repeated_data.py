"""Data that the run sees again and again: held-out loss rises midway and may fall again, and nothing diverges."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.downsampled import Downsampled
from .._support.fault import Fault
from .._support.held_out_loss import LEAST, SURE, HeldOutLoss
from ..detector import Detector, Facts, News
from ..severity import Severity

FLAT = 1.02  # the learning rate must not have risen by more meanwhile: re-warming raises losses too
DECAYED = 0.9  # a learning rate below this part of its value at the top explains a fall
MEMORISED = 0.3  # 5 % quantile over median of the losses, and half of what it was: some samples are known by heart
ADVICE = (
    "Find which part of the data is repeated most and sample it less, or remove duplicates: a tenth of the tokens "
    "repeated a hundred times can cost half of the model's size. The run has not diverged; a larger learning rate or "
    "clipping changes nothing here."
)


class Watch:
    """A rise of the held-out loss while the training loss falls and the learning rate does not rise, and its cause.

    Why: repetition takes capacity for memorising, and the held-out loss goes through a hump (double descent): worse
    midway, better later. It is named where the hump is complete, that is, the rise was sure and the loss has fallen
    again although the learning rate has not; and before, where the run itself shows repetition: `epoch` above 1, or
    losses of single samples that split into known and unknown. A rise alone is called overfitting. Divergence moves
    the training loss as well. Source: Hernandez et al. 2022.
    """

    def __init__(self, facts: Facts) -> None:
        self.held = HeldOutLoss()
        self.fault, self.hump = Fault(), Fault()
        self.low, self.middle = Downsampled(256), Downsampled(256)
        self.epochs = Downsampled(256)

    def see(self, news: News) -> list[Finding]:
        waiting = [(thin, *news.of(name)) for thin, name in self._signs()]
        for step in self.held.feed(news):
            waiting = [_add(thin, steps, values, step) for thin, steps, values in waiting]
            self._decide(step)
        for thin, steps, values in waiting:
            thin.add(steps, values)
        return self.fault.changes() + self.hump.changes()

    def _signs(self) -> tuple[tuple[Downsampled, str], ...]:
        return (self.low, "loss_p05"), (self.middle, "loss_p50"), (self.epochs, "epoch")

    def _decide(self, step: int) -> None:
        if self._whole(step):
            self.fault.close()
            return
        rise = self.held.rise()
        sign = self._sign(rise.bottom) if rise else ""
        if rise and rise.sure and sign and self._level(rise.bottom, step):
            text = (
                f"The held-out loss has risen by {rise.size:.3g} since step {rise.bottom:,} while the training loss "
                f"fell by {-rise.training:.3g} and the learning rate did not rise; {sign}. This is repetition, not "
                "divergence."
            )
            evidence = {"rise": float(rise.size), "lowest": float(rise.lowest), "bottom": float(rise.bottom)}
            self.fault.report(
                Finding("repeated_data", "", step, step, step, Severity.WATCH, text, ADVICE, evidence, 0.8)
            )
        elif rise is None or rise.size < 2 * rise.error:
            self.fault.close()

    def _whole(self, step: int) -> bool:
        """Whether the hump is complete, which is then said: bottom, top, and lower again."""
        if len(self.held.held) < 12:
            return False
        steps, means, error = self.held.smooth()
        risen = means - np.minimum.accumulate(means)
        top = int(np.argmax(risen))
        bottom = int(np.argmin(means[: top + 1]))
        fallen = means[top] - means[-1]
        enough = SURE * error + LEAST * max(means[bottom], 0)
        if risen[top] <= enough or fallen <= max(enough, 0.3 * risen[top]):
            return False
        begin, peak = int(steps[bottom]), int(steps[top])
        change = self.held.trained(begin, peak)
        rates = self.held.rates(begin, step)
        decayed = len(rates) and rates[-1] < DECAYED * rates.max()
        if change is None or change[0] + 2 * change[1] >= 0 or decayed or not self._level(begin, peak):
            return False
        text = (
            f"The held-out loss rose by {risen[top]:.3g} from step {begin:,} to {peak:,} and has fallen again by "
            f"{fallen:.3g}, while the training loss fell all along and the learning rate did not move it: the double "
            "descent of repeated data, not divergence."
        )
        evidence = {"rise": float(risen[top]), "fall": float(fallen), "bottom": float(begin), "top": float(peak)}
        self.hump.report(Finding("repeated_data", "", step, step, step, Severity.NOTE, text, ADVICE, evidence, 0.75))
        return True

    def _level(self, lo: int, hi: int) -> bool:
        rates = self.held.rates(lo, hi)
        return not len(rates) or bool(rates.max() <= FLAT * rates[0])

    def _sign(self, bottom: int) -> str:
        """What in the run itself shows repetition; "" where nothing does."""
        if len(self.epochs) and self.epochs.values[-1] > 1:
            return f"it is in epoch {self.epochs.values[-1]:.1f}"
        n = min(len(self.low), len(self.middle))
        if n >= 4 and (self.middle.values[:n] > 0).all():
            share = self.low.values[:n] / self.middle.values[:n]
            then = float(share[: max(1, int(np.searchsorted(self.low.steps[:n], bottom)))].max())
            now = float(np.median(share[-3:]))
            if now < MEMORISED and now < then / 2:
                return f"its easiest samples have {now:.0%} of the median loss, so that some are memorised"
        return ""


def _add(
    thin: Downsampled, steps: np.ndarray, values: np.ndarray, until: int
) -> tuple[Downsampled, np.ndarray, np.ndarray]:
    """Hands over the points up to a step; what is left."""
    end = int(np.searchsorted(steps, until, side="right"))
    thin.add(steps[:end], values[:end])
    return thin, steps[end:], values[end:]


detector = Detector(
    "repeated_data",
    "Repeated data raise the held-out loss midway, while the training loss falls.",
    ("val_loss", "loss", "lr", "loss_p05", "loss_p50", "epoch"),
    Watch,
    needs=8,
)
