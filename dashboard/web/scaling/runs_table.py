"""Finished runs of the store as a table that scaling laws can be fitted to, grouped by what must not differ."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ....formatting import short
from ...analysis.forecasting import Forecast, Verdict
from ...analysis.forecasting.prior import Finished
from ...analysis.scaling import Joint, Table, fit_joint
from ...services.forecasts import Outlook, losses_of, schedule_of, setup_of
from .. import cache as data

# Words in a configuration's keys that tell setups apart: constants differ between them. The batch is a column.
APART = re.compile(r"(tokeni[sz]er|vocab|data(set)?|corpus|mix(ture)?|context|seq(uence)?_?len(gth)?|block_size|arch)$")
UNIQUE = re.compile(r"unique_?tokens$")
WIDTH = re.compile(r"(d_model|hidden_size|n_embd|width)$")
DECAYED = 0.5  # of the peak: a run that ends above this learning rate was not annealed
UNSIZED = "Size or tokens are not known: pass `tokens_per_step` to `watch`, or log `tokens`."
STABLE = (
    "Ended above half of the peak learning rate: their last losses are not comparable with those of runs that decayed. "
    "The joint law takes whole curves."
)
KEPT = {"show_spinner": False, "max_entries": 2000}


@dataclass(frozen=True)
class Rung:
    """One finished run as a row: its columns, its setup in words, and a sentence where something is to be known."""

    id: str
    name: str
    setup: str
    columns: dict[str, float]
    said: str = ""


@st.cache_data(**KEPT)
def _rung(url: str, run_id: str, key: tuple) -> Rung:
    store = data.store()
    run = store.run(run_id)
    signal, steps, losses = losses_of(store, run)
    reached = Outlook(run.id, signal, steps, losses, None, "", Forecast(0, 0, Verdict.NO_LR)).reached
    columns = {"loss": reached, "steps": float(run.last_step or 0)}
    size = run.size.get("non_embedding") or run.size.get("total")
    columns["params"] = float(size) if size else np.nan
    try:
        columns["tokens"] = float(store.axis(run.id, np.array([run.last_step or 0]), "tokens")[0])
    except data.StoreError:
        columns["tokens"] = float(run.tokens_per_step or np.nan) * columns["steps"]
    columns["batch"] = columns["tokens"] / max(columns["steps"], 1)
    plain = flat(run.config)
    for name, pattern in (("unique_tokens", UNIQUE), ("width", WIDTH)):
        found = [value for key, value in plain.items() if pattern.search(key) and isinstance(value, int | float)]
        if found:
            columns[name] = float(found[0])
    optimizer = (run.provenance.get("optimizers") or [{}])[0].get("name", "")
    kind = "validation loss" if signal == "val_loss" else "training loss"
    words = [f"{key}={value}" for key, value in sorted(plain.items()) if APART.search(key.lower())]
    setup = " · ".join([run.project or "no project", kind, *([optimizer] if optimizer else []), *words])
    schedule, _ = schedule_of(store, run)
    said = ""
    if not np.isfinite(columns["tokens"]) or not np.isfinite(columns["params"]):
        said = UNSIZED
    elif schedule is not None and schedule.eta[-1] > DECAYED * schedule.peak:
        said = STABLE
    return Rung(run.id, run.name, setup, columns, said)


def flat(config: dict, prefix: str = "") -> dict:
    """A nested configuration as `outer.inner` -> value."""
    out = {}
    for key, value in config.items():
        out |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return out


def rungs() -> list[Rung]:
    """Every finished run of the store, newest first."""
    ended = [run for run in data.runs() if run.state == "finished"]
    return [_rung(data.path(), run.id, (run.attempt, run.last_step, run.name)) for run in ended]


def warnings(chosen: list[Rung]) -> list[str]:
    """What has to be known of the chosen runs, each sentence once with the runs it is about."""
    out = []
    for sentence in dict.fromkeys(rung.said for rung in chosen if rung.said):
        names = [short(rung.name, 40) for rung in chosen if rung.said == sentence]
        rest = f" and {len(names) - 4} more" if len(names) > 4 else ""
        out.append(f"{', '.join(names[:4])}{rest}: {sentence}")
    return out


def table(chosen: list[Rung]) -> Table:
    """The chosen runs as a table; a column that only some runs have is left empty for the others."""
    names = list(dict.fromkeys(name for rung in chosen for name in rung.columns))
    columns = {name: np.array([rung.columns.get(name, np.nan) for rung in chosen]) for name in names}
    if not chosen:
        columns = {"loss": np.empty(0)}
    return Table(columns, tuple(rung.name for rung in chosen), tuple(rung.setup for rung in chosen))


@st.cache_resource(show_spinner="Fitting all curves together …", max_entries=4)
def joint(url: str, chosen: tuple[str, ...]) -> tuple[Joint, Finished]:
    """The joint law of the runs with these ids, and the largest of them. Raises ValueError as `fit_joint` does."""
    found = curves(chosen)
    return fit_joint(found), max(found, key=lambda run: (run.setup.params, run.schedule.total))


def curves(chosen: tuple[str, ...]) -> list[Finished]:
    """The whole curves of the runs with these ids whose learning rate is known."""
    store, found = data.store(), []
    for key in chosen:
        run = store.run(key)
        schedule, _ = schedule_of(store, run)
        if schedule is not None:
            _, steps, losses = losses_of(store, run, schedule.warmup)
            found.append(Finished(steps, losses, schedule, setup_of(run, schedule)))
    return found
