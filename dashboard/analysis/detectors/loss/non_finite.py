"""The loss or the gradient is not a number any more."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .....known_series import known
from .._support.outlier_groups import OutlierGroup, OutlierGroups
from ..detector import Detector, Facts, News
from ..severity import Severity

GAP = 20  # finite points in a row after which it is over
COUNTED = "nan_iterations"  # how many steps of each report were not finite, where a trainer skips and counts them
MANY = 3  # steps: a step or two are skipped by a loss scaler or a guard, more are not
SIGNALS = ("loss", "val_loss", "grad_norm", "grad_norm_applied")
ADVICE = (
    "Stop, go back to a checkpoint before this step and lower the learning rate, or leave out the batches around it;"
    " in half precision look at the loss scale, and for log, sqrt or a division by zero in what was changed last."
)


class Watch:
    """Tells each stretch of steps with NaN or infinity, by signal.

    Why: one such step poisons the weights unless it is skipped, and averages and maxima silently drop it. A loss that
    is not finite is to be acted on until it has been finite for 20 points in a row; of gradients (which a loss scaler
    skips now and then) three together. Where the trainer itself counts such steps (`nan_iterations`, as Megatron does),
    each report with some is such a stretch. No threshold on values.
    """

    def __init__(self, facts: Facts) -> None:
        self._runs = {name: OutlierGroups(gap=GAP) for name in (*SIGNALS, COUNTED)}

    def see(self, news: News) -> list[Finding]:
        found = []
        for name, runs in self._runs.items():
            steps, values = news.of(name)
            bad = (values > 0) if name == COUNTED else ~np.isfinite(values)
            infinite = np.isinf(values).astype(float)
            found += [finding(name, one) for one in runs.feed(steps, bad, infinite, infinite=infinite)]
        return found


def finding(name: str, one: OutlierGroup) -> Finding:
    """A stretch in words."""
    poisoned = name in ("loss", "val_loss", COUNTED) or one.count >= MANY
    where = f"at step {one.first:,}" if one.count == 1 else f"at {one.count} steps from {one.first:,} to {one.last:,}"
    ended = "" if one.open else "; finite again since"
    value = "infinite" if one.at_peak["infinite"] else "not a number"
    sentence = f"{known(name).title.partition(',')[0]} {value} {where}{ended}."
    if name == COUNTED:
        sentence = f"The trainer counted iterations whose loss was not a number {where}{ended}."
    return Finding(
        kind="non_finite",
        part=name,
        first=one.first,
        last=one.last,
        flagged=one.flagged,
        severity=Severity.ACT if poisoned and one.open else Severity.WATCH,
        sentence=sentence,
        advice=ADVICE,
        evidence={"steps": float(one.count), "first_step": float(one.first)},
        open=one.open,
    )


detector = Detector("non_finite", "Loss or gradient is NaN or infinite.", (*SIGNALS, COUNTED), Watch)
