"""Finished runs of the store as a table that scaling laws can be fitted to, grouped by what must not differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...db import Run, Store
from ...errors import StoreError
from ...formatting import short
from ..analysis.forecasting.prior import Finished
from ..analysis.scaling import Joint, ScalingTable, fit_joint
from ..analysis.statistics.configs import flat
from .earlier_runs import setup_of
from .forecasts import losses_of
from .learning_rates import schedule_of
from .run_forecast import final_loss

# Words in a configuration's keys that tell setups apart: constants differ between them. The batch is a column.
SETUP_KEYS = re.compile(
    r"(tokeni[sz]er|vocab|data(set)?|corpus|mix(ture)?|context|seq(uence)?_?len(gth)?|block_size|arch)$"
)
UNIQUE = re.compile(r"unique_?tokens$")
WIDTH = re.compile(r"(d_model|hidden_size|n_embd|width)$")
DECAYED = 0.5  # of the peak: a run that ends above this learning rate was not annealed
UNSIZED = "Size or tokens are not known: pass `tokens_per_step` to `watch`, or log `tokens`."
STABLE = (
    "Ended above half of the peak learning rate: their last losses are not comparable with those of runs that decayed. "
    "The joint law takes whole curves."
)
NAMED = 4  # runs that a note names


@dataclass(frozen=True)
class ScalingRow:
    """One finished run as a row: its columns, its setup in words, and a sentence where the reader must beware."""

    id: str
    name: str
    setup: str
    columns: dict[str, float]
    note: str = ""


def scaling_row(store: Store, run: Run) -> ScalingRow:
    """A finished run's row; what it did not record is NaN."""
    signal, steps, losses = losses_of(store, run)
    columns = {"loss": final_loss(signal, steps, losses), "steps": float(run.last_step or 0)}
    size = run.size.get("non_embedding") or run.size.get("total")
    columns["params"] = float(size) if size else np.nan
    try:
        columns["tokens"] = float(store.axis(run.id, np.array([run.last_step or 0]), "tokens")[0])
    except StoreError:
        columns["tokens"] = float(run.tokens_per_step or np.nan) * columns["steps"]
    columns["batch"] = columns["tokens"] / max(columns["steps"], 1)
    config = flat(run.config)
    for name, pattern in (("unique_tokens", UNIQUE), ("width", WIDTH)):
        found = [value for key, value in config.items() if pattern.search(key) and isinstance(value, int | float)]
        if found:
            columns[name] = float(found[0])
    return ScalingRow(run.id, run.name, _setup(run, signal), columns, _note(store, run, columns))


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
    kind = "validation loss" if signal == "val_loss" else "training loss"
    optimizer = (run.provenance.get("optimizers") or [{}])[0].get("name", "")
    words = [f"{key}={value}" for key, value in sorted(flat(run.config).items()) if SETUP_KEYS.search(key.lower())]
    return " · ".join([run.project or "no project", kind, *([optimizer] if optimizer else []), *words])


def _note(store: Store, run: Run, columns: dict[str, float]) -> str:
    if not np.isfinite(columns["tokens"]) or not np.isfinite(columns["params"]):
        return UNSIZED
    schedule, _ = schedule_of(store, run)
    return STABLE if schedule is not None and schedule.eta[-1] > DECAYED * schedule.peak else ""
