"""Which finished runs of a store may speak in a forecast: those of the same project, and nearest those of one setup."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...db import Run, Store
from ..analysis.forecasting import Finished, Schedule, Setup
from .learning_rates import schedule_of

BEHIND = 24  # finished runs of the store that a forecast stands on at most
DONE = 0.98  # of the planned steps: a run that stopped earlier says nothing of an end
KINDS = {"val_loss": "validation", "loss": "train"}

# Keys of a configuration that runs of one setup may differ in: seeds, names and places, schedules, how much is logged
FREE = re.compile(
    r"seed|(^|[_.-])(run|name|note|tags?|id|dir|path|out(put)?|log\w*|save\w*|eval_\w+|device|host|wandb|workers)$"
    r"|sched|warm_?up|decay_(steps|iters|frac\w*|type)|cool_?down|anneal|^(lr|min_lr|learning_rate)_?(end|min|final)?$"
    r"|(max|total|num|train|lr_decay)_?(steps|iters|epochs|tokens)|^(steps|iters|iterations|epochs|total)$",
    re.IGNORECASE,
)
DATA = re.compile(r"data|corpus|tokenizer|vocab|task", re.IGNORECASE)


def setup_of(run: Run, schedule: Schedule, signal: str) -> Setup:
    """What tells two runs apart for the prior; runs of one `name` differ in nothing but seed and schedule."""
    size = float(run.size.get("non_embedding") or run.size.get("total") or 1e8)
    name = f"{size:.3g}/{schedule.peak:.3g}/{run.tokens_per_step or 0:g}/{_optimizer(run)}/{_digest(_fixed(run))}"
    kind = KINDS.get(signal, signal)
    return Setup(name, project_of(run), schedule.peak, size, _family(_optimizer(run)), kind)


def project_of(run: Run) -> str:
    """The project that the user named; else what is evidently one: the same script, model and data; else the run alone.

    Runs without a project share a store by accident: two scripts, or a hundred imported files, are not one family.
    """
    if run.project:
        return f"project:{run.project}"
    script = re.search(r"\S+\.(py|ipynb)\b|(?<=-m )\S+", str(run.provenance.get("command", "")))
    model = run.provenance.get("model") or run.size.get("total")
    if script is None or not model:
        return f"run:{run.id}"
    data = {key: value for key, value in _flat(run.config).items() if DATA.search(key)}
    folder = run.provenance.get("folder", "")
    return f"script:{_digest([script[0], folder, model, run.size, _optimizer(run), data])}"


@dataclass(frozen=True)
class Earlier:
    """The finished runs that a forecast may stand on, and in which settings those of another setup differ from it."""

    runs: tuple[Finished, ...]
    differ: tuple[str, ...]


def finished(store: Store, run: Run, signal: str, setup: Setup) -> Earlier:
    """The finished runs of the store that a forecast of `run` may stand on: same kind of loss, nearest setup first."""
    found = []
    for other in store.runs():
        if other.id == run.id or other.state != "finished" or project_of(other) != setup.project:
            continue
        signals = store.signals(other.id)
        ended = (other.last_step or 0) >= DONE * (other.steps_planned or 0)
        if signal not in signals or "lr" not in signals or not ended:
            continue
        schedule, _ = schedule_of(store, other)
        if schedule is not None:
            near = setup_of(other, schedule, signal)
            away = abs(np.log(near.peak_lr / setup.peak_lr)) + abs(np.log(near.params / setup.params))
            found.append(((near.name != setup.name, away), other, schedule, near))
    found.sort(key=lambda entry: entry[0])
    out, differ = [], []
    own = _settings(run, setup)
    for _, other, schedule, near in found[:BEHIND]:
        series = store.series(other.id, signal, lo=1)
        out.append(Finished(series.steps, series.values, schedule, near))
        theirs = _settings(other, near)
        differ += [key for key in {**own, **theirs} if own.get(key) != theirs.get(key)]
    return Earlier(tuple(out), tuple(dict.fromkeys(differ)))


def _settings(run: Run, setup: Setup) -> dict[str, Any]:
    """What two runs of one setup agree in, by the name that the user knows it by."""
    return {
        "peak learning rate": f"{setup.peak_lr:.3g}",
        "parameters": f"{setup.params:.3g}",
        "tokens a step": run.tokens_per_step or 0,
        "optimizer": _optimizer(run),
        **_fixed(run),
    }


def _fixed(run: Run) -> dict[str, Any]:
    return {key: value for key, value in _flat(run.config).items() if not FREE.search(key.rpartition(".")[2])}


def _optimizer(run: Run) -> str:
    optimizers = run.provenance.get("optimizers") or [{}]
    return str(optimizers[0].get("name", "AdamW"))


def _family(optimizer: str) -> str:
    return "adamw" if optimizer.lower() in ("adam", "adamw") else optimizer.lower()


def _flat(config: Any, before: str = "") -> dict[str, Any]:
    """A nested configuration as one level of dotted keys."""
    if not isinstance(config, dict):
        return {before: config} if before else {}
    return {
        key: value
        for name, part in config.items()
        for key, value in _flat(part, f"{before}.{name}" if before else str(name)).items()
    }


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:12]
