"""Why a run may not be ranked against another: what differs between them is not what is compared."""

from __future__ import annotations

from enum import Enum

from ....db import Run, Store
from ...analysis.statistics.config_keys import KeyRole
from ...analysis.statistics.configs import about, contradict
from ..run_table import final_value

APART = 0.15  # between the learning rates of two ends, over their peaks: a decay is worth more than most changes
CHANGED = 1e-3  # between the weighted and the plain loss of one run: beyond rounding
PLAIN = "loss_unweighted"
ANY_DATA = ("loss", "val_loss", PLAIN)  # signals that say nothing of the data they were measured on


class Unranked(Enum):
    """The value is what the verdict says, `sentence` what a reader can do about it."""

    UNDECAYED = "learning rates decayed differently"
    DATA = "other data"
    REWEIGHTED = "reweighted loss"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Unranked.UNDECAYED: "their learning rate has not decayed as far as the reference's, or further; a loss falls while "
    "it decays. Compare the losses if decayed now.",
    Unranked.DATA: "their loss is of other data than the reference's. Compare them on one held-out set, and name it in "
    "the configuration (eval_dataset).",
    Unranked.REWEIGHTED: "one loss is weighted and the other is not. Compare held-out losses, or record "
    f"{PLAIN} in all of them.",
}


def obstacle(
    store: Store, run: Run, base: Run, signal: str, lr_fractions: tuple[float | None, float | None]
) -> Unranked | None:
    """Why `run` is not ranked against `base` in a signal; None where nothing is known against it.

    `lr_fractions` are their last learning rates over the largest.
    """
    if signal in ANY_DATA and _other_data(run, base, signal):
        return Unranked.DATA
    if signal == "loss" and _reweighted(store, run) != _reweighted(store, base):
        return Unranked.REWEIGHTED
    one, other = lr_fractions
    if one is not None and other is not None and abs(one - other) > APART:
        return Unranked.UNDECAYED
    return None


def _other_data(run: Run, base: Run, signal: str) -> bool:
    """Whether the losses are of other data; a held-out set that both name counts before what they were trained on."""
    configs = [run.config, base.config]
    named = signal == "val_loss" and all(about(config, KeyRole.HELD_OUT) for config in configs)
    return bool(contradict(configs, KeyRole.HELD_OUT if named else KeyRole.DATA))


def _reweighted(store: Store, run: Run) -> bool:
    """Whether the training loss of a run is weighted: it also recorded the plain one, and they differ."""
    if PLAIN not in store.signals(run.id):
        return False
    plain, loss = final_value(store, run, PLAIN), final_value(store, run, "loss")
    return plain is not None and loss is not None and abs(loss - plain) > CHANGED * abs(plain)
