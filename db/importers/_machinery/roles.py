"""Which column is what: the names that logs use for the series that every chart and forecast asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache

import numpy as np

from ....keys import SeriesKey, signal_of
from ....known_series import known
from ...exchange.names import plain
from ...records import Description

EPOCH = 1e8  # seconds: a larger time is a date, a smaller one is counted from the start

# In each row the first name found in a file takes the role; the others stay signals of their own. wandb's `_step`
# counts calls of log, so a step that the loop itself wrote comes before it; an epoch is a step where nothing else is.
ALIASES: dict[str, tuple[str, ...]] = {
    "step": (
        "step", "global_step", "iteration", "iter", "steps", "iterations", "iters", "train_step", "training_step",
        "num_updates", "update", "batch_idx", "batch", "_step", "epoch", "epochs",
    ),
    "loss": (
        "loss", "train_loss", "training_loss", "loss/train", "lm_loss", "train_loss_step",
        "loss_metrics/global_avg_loss", "loss/train/total", "train/ce_loss", "ce_loss", "train_loss_epoch",
        "epoch_loss",
    ),
    "val_loss": (
        "val_loss", "eval_loss", "valid_loss", "validation_loss", "val/loss", "eval/loss", "valid/loss",
        "validation/loss", "loss/val", "loss/valid", "loss/validation", "loss/eval", "dev_loss", "dev/loss",
        "lm_loss_validation", "validation_metrics/loss", "validation/epoch_loss", "val/epoch_loss", "val/lm_loss",
        "eval/lm_loss", "validation/lm_loss",
    ),
    "lr": ("lr", "learning_rate", "learningrate", "lr/group_0", "epoch_learning_rate"),
    "grad_norm": (
        "grad_norm", "gradient_norm", "gnorm", "grad_norm_total", "total_grad_norm", "global_grad_norm",
        "grad/norm/total",
    ),
    "tokens": (
        "tokens", "total_tokens", "tokens_seen", "num_tokens", "num_input_tokens_seen", "consumed_tokens",
        "tokens_total", "n_tokens_seen", "time/token", "tokens_consumed",
    ),
    "time": (
        "timestamp", "_timestamp", "wall_time", "walltime", "time", "datetime", "date", "created_at", "elapsed",
        "elapsed_time", "_runtime", "runtime", "relative_time", "seconds", "time_s",
    ),
}  # fmt: skip
_ROLE = {alias: role for role, aliases in ALIASES.items() for alias in aliases}
_ROOM = re.compile(r"(?:train|training|trainer|optim|optimizer|throughput|perf)/")  # "train/loss" is the loss
_RISING = ("tokens", "time")  # a count of one step's tokens, or one step's seconds, is another thing
_OPTIMIZER = re.compile(r"^lr_\w*(?:adam|sgd|lion|muon|adafactor|rmsprop|lamb|sophia|shampoo|soap)\w*")  # "lr-AdamW"
_GROUP = re.compile(r"(?:lr|learning_rate)[/_(]*(group|pg)?[/_]?(\d+)\)?")
_KNOWN = {name: Description(name, **asdict(known(name))) for name in ("loss", "val_loss", "lr", "grad_norm", *_RISING)}


@lru_cache(4096)
def normal(name: str) -> str:
    """A column's name as the table above has it: lower case, without the "train/" of a sorted log."""
    name = re.sub(r"[\s\-.]+", "_", name.strip().lower())
    return name if name in _ROLE else _OPTIMIZER.sub("lr", _ROOM.sub("", name, count=1))


def role_of(name: str) -> str | None:
    """The role that a column of this name may take, or None."""
    return _ROLE.get(normal(name))


def telling(names: Iterable[str]) -> bool:
    """Whether these columns are a training log's: one of them is a step or a loss."""
    return any(role_of(name) in ("step", "loss", "val_loss") for name in names)


def ranked(names: Iterable[str], role: str) -> list[str]:
    """The columns that may take a role, the likeliest first."""
    found = [name for name in names if role_of(name) == role]
    return sorted(found, key=lambda name: ALIASES[role].index(normal(name)))


def _group(name: str) -> str | None:
    """The parameter group whose learning rate this is; Lightning counts its `pg` from 1."""
    found = _GROUP.fullmatch(normal(name))
    return str(int(found[2][:9]) - (found[1] == "pg")) if found else None


def _rises(values: np.ndarray) -> bool:
    """Whether values grow along the rows; a restart in between may set them back."""
    return len(values) < 2 or bool(values[-1] > values[0] and np.mean(np.diff(values) >= 0) > 0.9)


def _dates(values: np.ndarray) -> bool:
    """Whether values are seconds since 1970 at least: a tool that writes by the batch gives many rows one date."""
    return bool(np.isfinite(values).all() and values.min(initial=np.inf) > EPOCH)


class Names:
    """Column -> the store's key, decided when a column is first seen and kept for the rest of the file.

    `settled` has been decided before: by the user, or when the log was shorter and its likeliest column not there yet.
    """

    def __init__(self, settled: Mapping[str, SeriesKey] | None = None) -> None:
        self.keys: dict[str, SeriesKey] = {}
        self.descriptions: dict[str, Description] = {}
        self._settled = dict(settled or {})

    def meet(self, columns: Mapping[str, np.ndarray]) -> None:
        """Assigns the columns (name -> values) that are new: first the known roles, then each its own name."""
        new = [name for name in columns if name not in self.keys]
        key: SeriesKey
        for name in [name for name in new if name in self._settled]:
            key = self._settled[name]
            self._assign(name, key, _KNOWN.get(signal_of(key)))
            new.remove(name)
        for role in _KNOWN:
            key = ("lr", "0") if role == "lr" else role
            for name in ranked(new, role):
                fits = role not in _RISING or _rises(columns[name]) or (role == "time" and _dates(columns[name]))
                if fits and key not in self._taken():
                    self._assign(name, key, _KNOWN[role])
        for name in new:
            if name not in self.keys:
                group = _group(name)
                if group is not None and ("lr", group) not in self._taken():
                    self._assign(name, ("lr", group), _KNOWN["lr"])
                else:
                    own = plain(name)
                    self._assign(name, self._free(f"{own} (per row)" if own in _RISING else own), None)

    def settle(self, columns: Mapping[str, SeriesKey]) -> None:
        """Takes over what the file itself says of its columns; what has been decided before stays."""
        self._settled = dict(columns) | self._settled

    def __getitem__(self, column: str) -> SeriesKey:
        return self.keys[column]

    def _taken(self) -> set[SeriesKey]:
        return {*self.keys.values(), *self._settled.values()}

    def _assign(self, column: str, key: SeriesKey, description: Description | None) -> None:
        self.keys[column] = key
        if description:
            self.descriptions[description.name] = description

    def _free(self, name: str) -> str:
        taken = {signal_of(key) for key in self._taken()}
        unique, n = name, 1
        while unique in taken:
            n += 1
            unique = f"{name} ({n})"
        return unique


def key_of(name: str) -> SeriesKey:
    """The store's key for what a user calls a column: `lr` is that of group 0, "lr/1" that of group 1."""
    name = plain(name)
    group = _group(name)
    return ("lr", "0") if name == "lr" else ("lr", group) if group is not None else name
