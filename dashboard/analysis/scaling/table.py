"""A table of finished runs: one row a run, columns of size, data and the like, and its final loss."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ....errors import CannotForecast
from .law import ScalingLaw

REPEATED = 1.01  # tokens over unique tokens from which data count as repeated


@dataclass(frozen=True, eq=False)
class ScalingTable:
    """`columns` (name -> (n,)) with `loss` among them, and of every row its `names` and the setup (`groups`) it is of.

    Runs of one group differ in nothing but what the columns say: tokenizer, data, context, batch, optimizer, schedule
    and architecture family are the same."""

    columns: Mapping[str, np.ndarray]
    names: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = {name: np.asarray(values, float) for name, values in self.columns.items()}
        if "loss" not in columns:
            raise CannotForecast(f"a table needs a column `loss`; it has {', '.join(columns) or 'none'}")
        count = len(columns["loss"])
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "names", tuple(self.names) or tuple(f"row {i + 1}" for i in range(count)))
        object.__setattr__(self, "groups", tuple(self.groups) or ("",) * count)
        if {count} != {*(len(column) for column in columns.values()), len(self.names), len(self.groups)}:
            raise CannotForecast("the columns of a table must be equally long")

    def __len__(self) -> int:
        return len(self.loss)

    @property
    def loss(self) -> np.ndarray:
        return self.columns["loss"]

    @cached_property
    def compute(self) -> np.ndarray:
        """FLOPs by 6 N D; NaN where the table has no params and tokens."""
        columns = [self.columns.get(name, np.full(len(self), np.nan)) for name in ("params", "tokens")]
        return np.asarray(6 * columns[0] * columns[1])

    def where(self, keep: np.ndarray) -> ScalingTable:
        rows = np.arange(len(self))[keep]
        return ScalingTable(
            {name: values[rows] for name, values in self.columns.items()},
            tuple(self.names[i] for i in rows),
            tuple(self.groups[i] for i in rows),
        )

    def group(self, name: str) -> ScalingTable:
        """The runs of one setup. Raises ValueError where there is none of that name."""
        keep = np.array([group == name for group in self.groups])
        if not keep.any():
            raise CannotForecast(f"no run of group {name!r}; there are {', '.join(sorted(set(self.groups)))}")
        return self.where(keep)

    def ready(self, law: ScalingLaw, mix: bool = False) -> tuple[ScalingTable, list[str]]:
        """The rows that `law` can be fitted to, and a sentence for each kind of row left out.

        Raises ValueError for missing columns, for too few rows, and for runs of different setups: their constants
        differ, so one fit through them describes none of them. `mix` fits them all the same."""
        groups = sorted(set(self.groups))
        if len(groups) > 1 and not mix:
            shown = ", ".join(groups[:6]) + (", ..." if len(groups) > 6 else "")
            raise CannotForecast(
                f"these runs are of {len(groups)} setups ({shown}): the constants of a scaling law differ between "
                "tokenizers, data, batches and optimizers, so choose one group, or allow mixing them"
            )
        kept, notes = self.usable(law)
        least = len(law.parameters) + 1
        if len(kept) < least:
            count = "1 usable run" if len(kept) == 1 else f"{len(kept)} usable runs"
            raise CannotForecast(
                f"{count}: the {law.title} has {least - 1} constants and needs at least {least} runs"
                + (f". {' '.join(notes)}" if notes else "")
            )
        return kept, notes

    def usable(self, law: ScalingLaw) -> tuple[ScalingTable, list[str]]:
        """The rows with all that `law` needs, and a sentence for each kind of row left out."""
        missing = [name for name in law.columns if name not in self.columns]
        if missing:
            raise CannotForecast(
                f"the {law.title} needs the columns {', '.join(law.columns)} and loss; missing: {', '.join(missing)}"
            )
        notes = []
        good = np.all([np.isfinite(self.columns[name]) & (self.columns[name] > 0) for name in law.columns], axis=0)
        good &= np.isfinite(self.loss) & ((self.loss > 0) | (not law.relative))
        if not good.all():
            bad = [self.names[i] for i in np.flatnonzero(~good)]
            notes.append(f"Left out, a value is missing or not positive and finite: {_few(bad)}.")
        if law.single_epoch and "unique_tokens" in self.columns:
            repeated = good & (self.columns["tokens"] > REPEATED * self.columns["unique_tokens"])
            if repeated.any():
                notes.append(
                    f"Left out, {int(repeated.sum())} runs that repeat their data: this law holds for one pass; "
                    "the data-constrained law takes them."
                )
            good &= ~repeated
        return self.where(good), notes

    def different(self, column: str) -> int:
        """How many values of a column differ by more than 3 %."""
        values = np.sort(np.log(self.columns[column]))
        return 1 + int(np.sum(np.diff(values) > 0.03)) if len(values) else 0


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


ALIASES = {
    "loss": ("loss", "final_loss", "val_loss", "validation_loss", "eval_loss", "test_loss"),
    "params": (
        "params", "parameters", "num_params", "n_params", "model_size", "non_embedding_params", "params_no_embed",
        "size", "n",
    ),
    "tokens": ("tokens", "training_tokens", "train_tokens", "num_tokens", "n_tokens", "total_tokens", "d"),
    "name": ("name", "run", "run_name", "model"),
    "group": ("group", "setup", "dataset", "data"),
}  # fmt: skip
WORDS = ("name", "group")


def guessed(header: Sequence[str]) -> dict[str, str]:
    """What columns of a table from elsewhere are, by their names: role -> column; a role that none has is left out.

    >>> guessed(["Model", "dataset", "N", "tokens", "loss_c4"])
    {'loss': 'loss_c4', 'params': 'N', 'tokens': 'tokens', 'name': 'Model', 'group': 'dataset'}
    """
    own = {name.strip().lower().replace(" ", "_"): name for name in reversed(header)}
    any_loss = [plain for plain in reversed(own) if plain.startswith("loss")]
    names = {**ALIASES, "loss": (*ALIASES["loss"], *any_loss)}
    found = {role: next((own[alias] for alias in names[role] if alias in own), "") for role in ALIASES}
    return {role: name for role, name in found.items() if name}


def header_of(text: str) -> list[str]:
    """The names of a CSV text's columns."""
    return [name.strip() for name in _rows(text)[0]]


def read_table(text: str, roles: Mapping[str, str] | None = None) -> ScalingTable:
    """A table from CSV text with a header; `name` (or `run`) and `group` are words, all other columns numbers.

    `roles` says which column is the loss, the params and so on, where they are called otherwise (see `guessed`).
    Columns with a word in them are passed over. Raises CannotForecast for what cannot be a table, naming the line."""
    rows = _rows(text)
    header = [name.strip() for name in rows[0]]
    unknown = [name for name in (roles or {}).values() if name not in header]
    if unknown:
        raise CannotForecast(f"the table has no column {', '.join(unknown)}; it has {', '.join(header)}")
    column = {name: role for role, name in (roles or {}).items()}
    taken = set(column.values())
    header = [column.get(name) or (f"{name} (column)" if name.lower() in taken else name.lower()) for name in header]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise CannotForecast(f"line {number} has {len(row)} cells, the header has {len(header)}")
    columns, words = {}, {}
    for name, cells in zip(header, zip(*rows[1:], strict=True), strict=True):
        try:
            columns[name] = np.array([float(cell) if cell.strip() else np.nan for cell in cells])
        except ValueError:
            words[name] = tuple(cell.strip() for cell in cells)
        if name in (*WORDS, "run"):
            words[name] = tuple(cell.strip() for cell in cells)
            columns.pop(name, None)
    names = words.get("name") or words.get("run") or ()
    if "loss" in words:
        raise CannotForecast("the column `loss` must hold numbers; an empty cell is a missing loss")
    return ScalingTable(columns, names, words.get("group", ()))


def _rows(text: str) -> list[list[str]]:
    rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise CannotForecast("a table needs a header, such as params,tokens,loss, and a row for each run")
    return rows
