"""`watch`: one line that puts a training run on the record.

The moments of one optimizer step, and what is seen at each:

    forward, backward        in sampled steps attention and cross-entropy are seen as they are called; hooks on modules
                             (`full`, one step in 100) and on gradients (one in 10 where micro-batches accumulate,
                             else one in 100) are there for that step only, and never where graphs are compiled
    clip_grad_norm_(...)     observed: its total norm and its limit
    optimizer.step()
      | pre-hook             gradients as the optimizer receives them; learning rates; the plan
      | (the step)
      | post-hook            weights and optimizer state after it; times; one row for the recorder
    scheduler.step()         seen at the next step
    run.log(loss=loss)       belongs to the step to come or to the one just done, decided by the first log
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from ..db.records import Run
from ..db.writer import RunWriter
from ..errors import StoreError
from .distributed.ranks import Ranks
from .distributed.shared_signals import SharedSignals
from .distributed.silent_writer import SilentWriter
from .machinery import Machinery
from .null_run import NullRun
from .presets import cadences
from .recording.configuration import configuration
from .recording.git_commit import commit
from .recording.provenance import facts, script_folder, size
from .recording.recorder import OnFinding, Recorder, warn
from .recording.run_name import readable_name
from .recording.writer import Writer
from .run import LiveRun
from .schedule.planner import Planner
from .schedule.projection import bare, from_user

_watching: weakref.WeakKeyDictionary[Optimizer, weakref.ref[Machinery]] = weakref.WeakKeyDictionary()


def watch(
    model: nn.Module | None = None,
    optimizer: Optimizer | Sequence[Optimizer] | None = None,
    *,
    scheduler: Any = None,
    total_steps: int | None = None,
    store: str | os.PathLike[str] | None = None,
    name: str | None = None,
    config: Any = None,
    preset: str = "standard",
    plan: Callable[[int], float] | Sequence[float] | None = None,
    scaler: Any = None,
    resume: bool = False,
    step: int | None = None,
    project: str = "",
    tags: Sequence[str] = (),
    note: str = "",
    seed: int | None = None,
    flops_per_token: float | None = None,
    every_rank: bool = False,
    on_finding: OnFinding | None = None,
) -> LiveRun:
    """Starts to record a run; use it as `with watch(...) as run:`, or call `run.finish()` at the end.

    Steps, gradients, learning rates and updates come from the optimizer's own hooks; losses from `run.log`. Training
    is not changed by it: weights, buffers and random states stay bitwise what they would be.

    model, optimizer: what is trained. Either may be None. Of several optimizers the first one's steps count.
    scheduler: the learning-rate scheduler, from which the rates to come are read; needs `total_steps`.
    plan: those rates, where no scheduler knows them: a function of the step (the first is 1) or an array.
    store: a path or URL; else the environment's BAROGRAPH_STORE, else `runs.db`.
    config: the hyper-parameters, in any container: dict, Namespace, dataclass, OmegaConf ... (see `configuration.py`).
    preset: "light", "standard" or "full" (see `presets.py`).
    scaler: the gradient scaler of mixed precision.
    resume: go on with the newest run of this name as a new attempt from `step` (None: from its last one; while the
        store cannot be read that is unknown, so the run is recorded apart, from step 0, and joined to it later).
    seed: for the record. flops_per_token: for the FLOPs axis; else 6 times the non-embedding parameters.
    every_rank: under torch.distributed record every rank, each as a run of its own, instead of one run by rank 0, to
        which the others only add their shares (see `ranks.py`; call `watch` on all ranks).
    on_finding: called with each finding that the dashboard's watcher makes in this run (`kind`, `severity` 0 to 2,
        `first`, `sentence` ...), and again when it becomes graver; within some two seconds, by a thread beside
        training: let it set a flag that the loop reads. Not called on a network file system.

    Raises ValueError for arguments that cannot be meant. A store that cannot be written costs a warning, not the run.
    """
    optimizers = _optimizers(optimizer)
    total_steps = int(total_steps) if isinstance(total_steps, Integral) else total_steps
    given = from_user(plan, total_steps) if plan is not None else None
    _check(model, optimizers, total_steps, preset)
    if on_finding is not None and not callable(on_finding):
        raise ValueError(f"watch(on_finding=<{type(on_finding).__name__}>): expected a function of one finding")
    rank = _rank()
    ranks = None if every_rank else _quietly(other_ranks)
    if rank and not every_rank and not ranks:
        return NullRun()
    _end_earlier(optimizers)
    store = store or os.environ.get("BAROGRAPH_STORE") or "runs.db"
    name = name or readable_name()
    if rank and every_rank:
        name = f"{name}-rank{rank}"
    counts = _quietly(size, model)
    run = Run(
        id="", name=name, project=project, started=time.time(), steps_planned=total_steps, note=note,
        tags=(tags,) if isinstance(tags, str) else tuple(map(str, tags)),
        config=_quietly(configuration, config), provenance=_quietly(facts, optimizers, model, seed), size=counts,
        flops_per_token=flops_per_token or (6.0 * counts["non_embedding"] if counts else None),
    )  # fmt: skip
    try:
        writer: Writer
        if rank and ranks:
            writer = SilentWriter(run, ranks.first_step() if resume and step is None else step or 0)
        else:
            writer = RunWriter.open(store, run, resume=resume, step=step)
    except (StoreError, OSError) as problem:
        warn(f"nothing is recorded: {problem}")
        return NullRun()
    if on_finding is not None and writer.network:
        warn(f"on_finding is not called: {store} is on a network file system, where nothing comes back to training")
    recorder = Recorder(writer, on_finding=on_finding)
    machinery = Machinery(recorder, total_steps=total_steps, preset=preset)
    recorder.later(partial(machinery.record.descriptions.describe_signals, len(optimizers)))
    recorder.later(partial(_add_commit, writer))
    if ranks:
        _join_ranks(machinery, ranks)
    scaler = scaler if scaler is not None and getattr(scaler, "is_enabled", lambda: True)() else None
    inner = getattr(scheduler, "scheduler", scheduler)  # wrapped, as accelerate does
    planner = partial(
        Planner, inner, optimizers[0] if optimizers else None, total_steps, keep=(model, scaler), given=given
    )
    try:
        machinery.hooks.attach(optimizers, model, scaler, planner)
    except Exception as problem:
        recorder.failed("putting hooks on the optimizer failed: only what run.log says is recorded", problem)
    for one in optimizers:
        _watching[one] = weakref.ref(machinery)
    return LiveRun(machinery)


def _optimizers(optimizer: Any) -> list[Optimizer]:
    given = list(optimizer) if isinstance(optimizer, list | tuple) else [optimizer] if optimizer is not None else []
    return [bare(one) for one in given]


def _check(model: Any, optimizers: list[Any], total_steps: Any, preset: str) -> None:
    cadences(preset)
    if model is not None and not isinstance(model, nn.Module):
        raise ValueError(f"watch(model=<{type(model).__name__}>): expected a torch.nn.Module, or None")
    for one in optimizers:
        if not isinstance(one, Optimizer):
            raise ValueError(
                f"watch(optimizer=<{type(one).__name__}>): expected a torch.optim.Optimizer or a list of them; "
                "leave it out to record what run.log says"
            )
    if total_steps is not None and (not isinstance(total_steps, Integral) or total_steps < 1):
        raise ValueError(f"watch(total_steps={total_steps!r}): expected a number of optimizer steps, at least 1")


def _quietly(describe: Callable[..., Any], *arguments: Any) -> Any:
    """What `describe` returns, or {}: no model or configuration is odd enough to keep a run from starting."""
    try:
        return describe(*arguments)
    except Exception as problem:
        warn(f"{describe.__name__} is not recorded ({type(problem).__name__}: {problem})")
        return {}


def _rank() -> int:
    there = torch.distributed.is_available() and torch.distributed.is_initialized()
    return torch.distributed.get_rank() if there else 0


def other_ranks() -> Ranks | None:
    there = torch.distributed.is_available() and torch.distributed.is_initialized()
    return Ranks() if there and torch.distributed.get_world_size() > 1 else None


def _end_earlier(optimizers: list[Optimizer]) -> None:
    """A notebook cell that runs again: the watch before is over, or both would record."""
    for one in optimizers:
        known = _watching.pop(one, None)
        earlier = known() if known is not None else None
        if earlier is not None and not earlier.record.over:
            earlier.finish("stopped")
            warn(f"run {earlier.record.writer.run.name} is ended as stopped: its optimizer is watched anew")


def _join_ranks(machinery: Machinery, ranks: Ranks) -> None:
    """This rank's run is one with that of the other ranks; all but rank 0 measure only what is joined."""
    record, hooks = machinery.record, machinery.hooks
    if ranks.rank:
        hooks.due_signals.only_joined()
    signals = record.descriptions.signals
    hooks.joined = SharedSignals(ranks, record.writer, signals, record.descriptions, partial(record.event, "rank"))
    machinery.log.shared = hooks.joined.log


def _add_commit(writer: Writer) -> None:
    found = commit(Path(script_folder()))
    if found:
        writer.update(provenance=writer.run.provenance | found)
