"""What a value is by its name: the loss, a learning rate, a result on held-out data, or a series of its own.

The names are those that the importers know (`db/importers/_machinery/roles.py`), so that a run is the same run
whether it was watched or imported: "Loss/train", "train_loss", "train/loss" are the loss;
"Loss/val", "eval_loss", "val/loss" the validation loss; "lr", "learning_rate", "lr/group_1" learning rates.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from ...db.exchange.names import plain
from ...db.importers._machinery import roles

LOSS, VAL_LOSS, GRAD_NORM, EPOCH = "loss", "val_loss", "grad_norm", "epoch"
OWN = ("time", "tokens")  # series that the run itself writes
_SET = r"(val|valid|validation|dev|eval|evaluation|test)"
_BEFORE, _AFTER = re.compile(rf"{_SET}[/_.\- ](.+)", re.IGNORECASE), re.compile(rf"(.+)[/_]{_SET}", re.IGNORECASE)


class Place(NamedTuple):
    """Where a value goes: `key` is a series' name or (name, part), or the metric of an evaluation of `task`."""

    key: str | tuple[str, ...]
    task: str = ""


def place(name: str, taken: Collection[str | tuple[str, ...]] = ()) -> Place | None:
    """Where a value called `name` goes, if no other name has that place already; None: it counts the steps.

    >>> place("Loss/train").key, place("val/loss").key, place("lr-AdamW").key
    ('loss', 'val_loss', ('lr', '0'))
    >>> place("Accuracy/val"), place("test_f1"), place("reward")
    (Place(key='accuracy', task='validation'), Place(key='f1', task='test'), Place(key='reward', task=''))
    """
    role, key = roles.role_of(name), roles.key_of(name)
    if role == "step":
        return Place(EPOCH) if name.lower() == EPOCH else None
    if role == "lr":
        key = ("lr", "0")
    elif role in (LOSS, VAL_LOSS, GRAD_NORM):
        key = role
    if key not in taken and (role in (LOSS, VAL_LOSS, GRAD_NORM) or isinstance(key, tuple)):
        return Place(key)
    if found := _BEFORE.fullmatch(name):
        return Place(found[2].lower(), _task(found[1]))
    if found := _AFTER.fullmatch(name):
        return Place(found[1].lower(), _task(found[2]))
    own = plain(name)
    return Place(f"logged_{own}" if own in taken or own in OWN else own)


def _task(split: str) -> str:
    return "test" if split.lower() == "test" else "validation"
