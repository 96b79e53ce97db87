"""The held-out loss rises while the training loss falls: the best checkpoint lies behind."""

from __future__ import annotations

from .....db.records import Finding
from .._support.fault import Fault
from .._support.held_out_loss import WAY_OUT, HeldOutLoss, HeldOutRise
from ..detector import Detector, Facts, News
from ..severity import Severity

SPOILED = 0.05  # of the lowest held-out loss
ADVICE = (
    "Go back to the checkpoint of the lowest held-out loss, or stop; more data, dropout, weight decay or fewer passes "
    "over the data help in the next run." + WAY_OUT
)


class Watch:
    """Each held-out set by itself: the rise since its lowest point against its error, and the training loss since.

    Why: the training loss alone looks better and better. The error comes from second differences of the evaluations.
    Said from the fourth evaluation after the lowest, where rise - 2 errors is above .5 % of the loss and the training
    loss has surely fallen. After a change of the data or of the evaluation set it begins anew; what follows then is
    forgetting, or another measure.
    """

    def __init__(self, facts: Facts) -> None:
        self.sets: dict[tuple[str, ...], tuple[HeldOutLoss, Fault]] = {}

    def see(self, news: News) -> list[Finding]:
        for part in news.points.get("val_loss", {}):
            if part not in self.sets:
                self.sets[part] = HeldOutLoss(part), Fault()
        for held, fault in self.sets.values():
            for step in held.feed(news):
                rise = held.rise()
                if rise is not None and rise.sure:
                    fault.report(_finding("/".join(held.part), step, rise))
                elif rise is None or rise.size < 2 * rise.error:
                    fault.close()
        return [finding for _, fault in self.sets.values() for finding in fault.changes()]


def _finding(part: str, step: int, rise: HeldOutRise) -> Finding:
    surely = rise.size - 2 * rise.error
    severity = Severity.ACT if surely >= SPOILED * rise.lowest else Severity.WATCH
    text = (
        f"The held-out loss{' on ' + part if part else ''} has risen by {rise.size:.3g} (± {2 * rise.error:.2g}) since "
        f"its lowest, {rise.lowest:.4g} at step {rise.bottom:,}, while the training loss fell by {-rise.training:.3g}."
    )
    evidence = {
        "rise": float(rise.size), "low": float(surely), "high": float(rise.size + 2 * rise.error),
        "lowest": float(rise.lowest), "bottom": float(rise.bottom), "training": float(rise.training),
    }  # fmt: skip
    return Finding("overfitting", part, step, step, step, severity, text, ADVICE, evidence, 0.85)


detector = Detector(
    "overfitting",
    "The held-out loss rises over several evaluations while the training loss falls.",
    ("val_loss", "loss", "lr"),
    Watch,
    needs=8,
)
