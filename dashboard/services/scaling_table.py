"""Finished runs of the store as a table that scaling laws can be fitted to, grouped by what must not differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...db import Description, Run, Store
from ...errors import StoreError
from ...formatting import short
from ...known_series import direction
from ..analysis.forecasting.prior import Finished
from ..analysis.scaling import Joint, ScalingTable, fit_joint
from ..analysis.statistics.config_keys import KeyRole, key_role
from ..analysis.statistics.configs import ABSENT, differing, flat
from .earlier_runs import setup_of
from .forecasts import losses_of
from .learning_rates import schedule_of
from .run_table import final_value

# What tells setups apart even where a size explains it: constants differ between them. The batch is a column.
SETUP_ROLES = (KeyRole.TOKENIZER, KeyRole.DATA, KeyRole.HELD_OUT)
SETUP_KEYS = re.compile(
    r"(context|max_seq(uence)?|seq(uence)?)_?(len(gth)?|size)$|block_size$|n_(ctx|positions)$|max_position_embeddings$"
    r"|(^|_)arch(itecture)?s?$|model_type$|(^|_)optim(izer)?(_(name|type))?$"
)
FREE_ROLES = (KeyRole.SEED, KeyRole.LABEL)
UNIQUE = re.compile(r"unique_?tokens$")
WIDTH = re.compile(r"(d_model|hidden_size|n_embd|width)$")
DECAYED = 0.5  # of the peak: a run that ends above this learning rate was not annealed
NAMED_SIZE = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)(k|m|b)(?![a-z0-9])", re.IGNORECASE)  # 190M, 1.3b
LETTERS = {"k": 1e3, "m": 1e6, "b": 1e9}
SIGNALS = 30  # losses that can be chosen
SAME = 0.03  # in log: sizes and tokens that differ by less are one
UNSIZED = "Size or tokens are not known: pass `tokens_per_step` to `watch`, or log `tokens`."
READ = "Its size was read from its name; correct it if it is another."
STABLE = (
    "Ended above half of the peak learning rate: their last losses are not comparable with those of runs that decayed. "
    "The joint law takes whole curves."
)
NAMED = 4  # runs that a note names


@dataclass(frozen=True)
class ScalingRow:
    """One finished run as a row: its columns, its setup in words, and a sentence where the reader must beware.

    `config` holds the other keys, which may tell setups apart where they differ."""

    id: str
    name: str
    setup: str
    columns: dict[str, float]
    note: str = ""
    config: dict[str, Any] = field(default_factory=dict)


def losses(store: Store, runs: Sequence[Run]) -> list[str]:
    """The losses that a law can be fitted to, those that most runs have first: by their names lower is better."""
    count = Counter(
        name
        for run in runs
        for name, one in store.signals(run.id).items()
        if () in one.parts and name not in ("loss", "val_loss") and direction(name) == "lower"
    )
    return [name for name, _ in count.most_common(SIGNALS)]


def metrics(store: Store, runs: Sequence[Run]) -> list[str]:
    """The series of which one way is better that all of the runs have: what may be looked at over scale."""
    shared = [
        {name for name, one in store.signals(run.id).items() if () in one.parts and _ranked(one)} for run in runs
    ]  # fmt: skip
    return sorted(set.intersection(*shared)) if shared else []


def ends(store: Store, runs: Sequence[Run], names: Sequence[str]) -> dict[str, np.ndarray]:
    """Where each of the series ended in each run (n,); NaN where it has no finite value."""
    found = {name: [final_value(store, run, name) for run in runs] for name in names}
    return {name: np.array([np.nan if end is None else end for end in values]) for name, values in found.items()}


def _ranked(described: Description) -> bool:
    return (described.better if described.better != "neither" else direction(described.name)) != "neither"


def scaling_row(store: Store, run: Run, signal: str = "") -> ScalingRow:
    """A finished run's row; what it did not record is NaN. `signal` is its loss: by default validation, else training.

    A size that was not recorded is read from the run's name, such as 190M-2x."""
    signal = signal or losses_of(store, run)[0]
    end = final_value(store, run, signal)
    columns = {"loss": np.nan if end is None else end, "steps": float(run.last_step or 0)}
    columns["params"], note = float(run.size.get("non_embedding") or run.size.get("total") or np.nan), ""
    if np.isnan(columns["params"]) and (found := NAMED_SIZE.search(run.name)):
        columns["params"], note = float(found[1]) * LETTERS[found[2].lower()], READ
    try:
        columns["tokens"] = float(store.axis(run.id, np.array([run.last_step or 0]), "tokens")[0])
    except StoreError:
        columns["tokens"] = float(run.tokens_per_step or np.nan) * columns["steps"]
    columns["batch"] = columns["tokens"] / max(columns["steps"], 1)
    config = flat(run.config)
    for name, pattern in (("unique_tokens", UNIQUE), ("width", WIDTH)):
        of = [key for key, value in config.items() if pattern.search(key) and isinstance(value, int | float)]
        if of:
            columns[name] = float(config[of[0]])
            config = {key: value for key, value in config.items() if key not in of}
    other = {k: v for k, v in config.items() if not _sets_apart(k) and key_role(k) not in FREE_ROLES}
    return ScalingRow(run.id, run.name, _setup(run, signal), columns, _note(store, run, columns) or note, other)


def told_apart(rows: Sequence[ScalingRow]) -> tuple[list[ScalingRow], list[str]]:
    """The rows, their setup with every key that differs beyond what size and tokens explain; and the explained keys.

    A number that rises or falls with the size, the tokens or the steps goes with them (a width, a tuned learning rate),
    and so does a word that each size has its own of (a model's name); every other key that differs sets runs apart."""
    out: dict[str, ScalingRow] = {}
    explained: dict[str, None] = {}
    for setup in dict.fromkeys(row.setup for row in rows):
        group = [row for row in rows if row.setup == setup]
        apart: dict[str, list[Any]] = {}
        for key, values in differing([row.config for row in group]).items():
            if _goes_with_columns(values, group):
                explained[key] = None
            else:
                apart[key] = values
        for i, row in enumerate(group):
            words = [f"{key}={values[i]}" for key, values in apart.items()]
            out[row.id] = replace(row, setup=" · ".join([setup, *words]))
    return [out[row.id] for row in rows], list(explained)


def _goes_with_columns(values: Sequence[Any], rows: Sequence[ScalingRow]) -> bool:
    """Whether a key's values follow from one of the columns of size, tokens and steps."""
    if any(value == ABSENT for value in values):
        return False
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    for name in ("params", "tokens", "steps") if numbers else ("params",):
        log = np.log(np.maximum([row.columns[name] for row in rows], 1e-300))
        if not np.isfinite(log).all():
            continue
        order = np.argsort(log, kind="stable")
        level = np.cumsum(np.diff(log[order], prepend=log[order[0]]) > SAME)  # which of the different values
        own = [{repr(values[i]) for i in order[level == k]} for k in range(level[-1] + 1)]
        if any(len(one) > 1 for one in own):
            continue
        if numbers:
            way = np.sign(np.diff(np.array([values[i] for i in order], float)))
            if (way >= 0).all() or (way <= 0).all():
                return True
        elif len(set.union(*own)) == len(own):
            return True
    return False


def _sets_apart(key: str) -> bool:
    return key_role(key) in SETUP_ROLES or bool(SETUP_KEYS.search(key.lower()))


def notes(rows: Sequence[ScalingRow]) -> list[str]:
    """What the reader must beware of, each sentence once with the runs it is about."""
    out = []
    for sentence in dict.fromkeys(row.note for row in rows if row.note):
        names = [short(row.name, 40) for row in rows if row.note == sentence]
        rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        out.append(f"{', '.join(names[:NAMED])}{rest}: {sentence}")
    return out


def table(rows: Sequence[ScalingRow]) -> ScalingTable:
    """The runs as a table; a column that only some runs have is left empty for the others."""
    names = list(dict.fromkeys(name for row in rows for name in row.columns))
    columns = {name: np.array([row.columns.get(name, np.nan) for row in rows]) for name in names}
    if not rows:
        columns = {"loss": np.empty(0)}
    return ScalingTable(columns, tuple(row.name for row in rows), tuple(row.setup for row in rows))


def joint_law(store: Store, runs: Sequence[str]) -> tuple[Joint, Finished]:
    """The joint law of the runs with these ids, and the largest of them. Raises ValueError as `fit_joint` does."""
    found = curves(store, runs)
    return fit_joint(found), max(found, key=lambda run: (run.setup.params, run.schedule.total))


def curves(store: Store, runs: Sequence[str]) -> list[Finished]:
    """The whole curves of the runs with these ids whose learning rate is known."""
    found = []
    for key in runs:
        run = store.run(key)
        schedule, _ = schedule_of(store, run)
        if schedule is not None:
            signal, steps, losses = losses_of(store, run, schedule.warmup)
            found.append(Finished(steps, losses, schedule, setup_of(run, schedule, signal)))
    return found


def _setup(run: Run, signal: str) -> str:
    """What a run was trained with, in words: runs of different setups have different constants."""
    kind = {"val_loss": "validation loss", "loss": "training loss"}.get(signal, signal)
    optimizer = (run.provenance.get("optimizers") or [{}])[0].get("name", "")
    words = [f"{key}={value}" for key, value in sorted(flat(run.config).items()) if _sets_apart(key)]
    return " · ".join([run.project or "no project", kind, *([optimizer] if optimizer else []), *words])


def _note(store: Store, run: Run, columns: dict[str, float]) -> str:
    if not np.isfinite(columns["tokens"]) or not np.isfinite(columns["params"]):
        return UNSIZED
    schedule, _ = schedule_of(store, run)
    return STABLE if schedule is not None and schedule.eta[-1] > DECAYED * schedule.peak else ""
