"""Accelerate: a tracker beside its own, for `accelerator.log`, with the hooks where it is shown the optimizer.

    from accelerate import Accelerator
    from barograph.collectors.integrations.accelerate import BarographTracker

    tracker = BarographTracker(store="runs.db", name="my run")
    accelerator = Accelerator(log_with=tracker, gradient_accumulation_steps=2)
    model, optimizer, data, scheduler = accelerator.prepare(model, optimizer, data, scheduler)
    tracker.watch(model, optimizer, scheduler=scheduler, total_steps=100)
    accelerator.init_trackers("my project", config={"lr": 1e-3})
    for batch in data:
        with accelerator.accumulate(model):
            loss = model(batch).square().mean()
            accelerator.backward(loss)
            accelerator.log({"loss": loss})
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
    accelerator.end_training()

With `tracker.watch` steps are the optimizer's, gradients, learning rates and the plan come over, and what is logged
belongs to the step to come or to the last one, as with `run.log`: log each micro-batch, of which the mean is taken, or
one mean a step. Without it only what is logged is recorded, at the steps that the script says. "eval_loss" is
`val_loss`; other names that begin with eval, val or test are evaluations.

`accelerator.register_for_checkpointing(tracker)` keeps the run's name and step in `save_state`; after `load_state` it
goes on with that run as a new attempt. For this the run begins as late as can be: with the first forward pass in
training, or the first log. Where the script keeps steps itself: `tracker.watch(..., resume=True, step=500)`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import torch
from accelerate.tracking import GeneralTracker, on_main_process  # type: ignore[import-untyped]

from ._bridge import Bridge, harmless


class BarographTracker(GeneralTracker):
    """Records what an Accelerator logs; `options` are those of `watch` (store, name, preset, tags ...)."""

    name = "barograph"
    requires_logging_directory = False
    main_process_only = True

    def __init__(self, **options: Any):
        super().__init__()
        self.bridge = Bridge(**options)
        self._watched: dict[str, Any] = {}
        self._saved: dict[str, Any] = {}
        self._undo: Callable[[], object] = bool

    @property
    def tracker(self) -> Any:
        """The run, with the verbs of `watch`: event, evaluate, should_stop ..."""
        return self.bridge.run

    def watch(self, model: Any, optimizer: Any, **options: Any) -> None:
        """Shows what is trained, prepared or not; `options` are those of `watch`, such as scheduler, total_steps.

        The run begins with the model's first forward pass in training. Raises ValueError for unknown options.
        """
        Bridge(**options)
        self._watched = {"model": model, "optimizer": optimizer, **options}
        self._undo()
        if isinstance(model, torch.nn.Module):
            self._undo = model.register_forward_pre_hook(self._first).remove

    @on_main_process
    @harmless
    def start(self) -> None:
        """`init_trackers` begins: the run is of its project, unless `options` say another."""
        if project := _project_name(sys._getframe()):
            self.bridge.assign(project)

    @on_main_process
    @harmless
    def store_init_configuration(self, values: dict) -> None:
        self.bridge.configure(values)

    @on_main_process
    @harmless
    def log(self, values: Mapping[str, Any], step: int | None = None, **options: Any) -> None:
        self._begin()
        self.bridge.scalars(values, step)

    @on_main_process
    @harmless
    def finish(self) -> None:
        self._undo()
        self.bridge.end()

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps: which run, and its last step."""
        return {"name": self.bridge.run.name, "step": self.bridge.run.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on with that run, when training does."""
        if state.get("name"):
            self._saved = {"name": state["name"], "step": state["step"], "resume": True}

    @harmless
    def _first(self, model: Any, inputs: Any) -> None:
        if model.training and torch.is_grad_enabled():
            self._begin()

    def _begin(self) -> None:
        if not self.bridge.begun:
            self._undo()
            self.bridge.begin(**{**self._watched, **self._saved})


def _project_name(frame: FrameType | None) -> str:
    """The project that `init_trackers` was given: Accelerate tells it to its own trackers alone."""
    while frame is not None and frame.f_code.co_name != "init_trackers":
        frame = frame.f_back
    return str(frame.f_locals.get("project_name") or "") if frame is not None else ""
