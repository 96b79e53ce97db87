"""Hugging Face `Trainer`, and TRL's trainers, which are Trainers.

    from transformers import Trainer, TrainingArguments
    from barograph.collectors.integrations.huggingface import BarographCallback

    trainer = Trainer(model, arguments, train_dataset=data, callbacks=[BarographCallback(store="runs.db")])
    trainer.train()

What comes over: every signal of `watch`; the loss of every optimizer step, whatever `logging_steps` is, and with the
NaN that the Trainer's own log leaves out (`logging_nan_inf_filter`); epochs and tokens; the planned learning rate up to
`max_steps`; `eval_loss` as `val_loss` and the other metrics as evaluations (with several sets: `val_loss_NAME`, and the
task NAME); what the trainer logs besides, such as TRL's rewards; checkpoints; the arguments and the model's config.

A run is called by `run_name`, else by its output folder. `trainer.train(resume_from_checkpoint=True)` goes on with the
newest run of that name as a new attempt from the checkpoint's step; what `trainer.evaluate()` says after training joins
the run too. A Stop that was pressed on the dashboard ends the training of one process after the step. Of several ranks
the loss is the first one's, where the Trainer's own log has the mean.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sized
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ._bridge import Bridge, harmless

_MEASURED = {"loss", "grad_norm", "learning_rate", "epoch", "step", "num_input_tokens_seen", "total_flos"}
_SPEED = ("runtime", "samples_per_second", "steps_per_second", "tokens_per_second", "model_preparation_time")
_DEPTH = 12  # frames from a callback up to the trainer that calls it


class BarographCallback(TrainerCallback):
    """Records what a Trainer trains; `options` are those of `watch` (store, name, preset, tags ...)."""

    def __init__(self, **options: Any):
        self.bridge = Bridge(**options)
        self._undo: Callable[[], object] = bool
        self._follows = False

    @harmless
    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, *, model: Any = None,
        optimizer: Any = None, lr_scheduler: Any = None, **more: Any,
    ) -> None:  # fmt: skip
        self._undo()
        trainer = _trainer()
        config = {name: value for name, value in args.to_dict().items() if value not in (None, "", [], {})}
        if hasattr(getattr(model, "config", None), "to_dict"):
            config["model"] = model.config.to_dict()
        self.bridge.begin(
            model, optimizer, scheduler=lr_scheduler, total_steps=state.max_steps if state.max_steps > 0 else None,
            name=_name(args), seed=args.seed, config=config,
            scaler=getattr(getattr(trainer, "accelerator", None), "scaler", None),
            resume=state.global_step > 0, step=state.global_step or None,
        )  # fmt: skip
        self._follows = trainer is not None and not self.bridge.run.over
        if self._follows:
            self._follow(trainer)

    @harmless
    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any) -> None:
        self.bridge.stepped(epoch=state.epoch)
        if args.world_size == 1 and self.bridge.run.should_stop:  # the other ranks would wait for this one
            control.should_training_stop = True

    @harmless
    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **more: Any
    ) -> None:
        logs = logs or {}
        if not self._follows and "loss" in logs:
            self.bridge.run.log(loss=logs["loss"])
        if "train_runtime" not in logs:  # the summary of the whole run
            beside = {k: v for k, v in logs.items() if k not in _MEASURED and not k.startswith(("eval_", "train_"))}
            self.bridge.beside(beside)

    @harmless
    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, *, metrics: Any = None,
        eval_dataloader: Any = None, **more: Any,
    ) -> None:  # fmt: skip
        metrics = dict(metrics or {})
        prefix = next((name.removesuffix("_runtime") for name in metrics if name.endswith("_runtime")), "eval")
        named = prefix.removeprefix("eval").removeprefix("_")
        found = {}
        for name, value in metrics.items():
            short = name.removeprefix(f"{prefix}_")
            if short == "loss":
                found[f"val_loss_{named}" if named else "val_loss"] = value
            elif short not in _SPEED and name.startswith(prefix):
                found[short] = value
        held = getattr(eval_dataloader, "dataset", None)
        self.bridge.evaluated(named or "validation", found, n=len(held) if isinstance(held, Sized) else None)

    @harmless
    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any) -> None:
        self.bridge.run.event("checkpoint", f"checkpoint-{state.global_step}")

    @harmless
    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any) -> None:
        self._undo()
        self.bridge.end()

    def _follow(self, trainer: Any) -> None:
        """Hears the loss of each micro-batch from the trainer's own method, until `_undo`."""
        original, over = trainer.training_step, [False]
        name = getattr(trainer.model, "main_input_name", "input_ids")

        def training_step(model: Any, inputs: Any, *arguments: Any, **options: Any) -> Any:
            tokens = _tokens(inputs, name) * trainer.args.world_size
            try:
                loss = original(model, inputs, *arguments, **options)
            except BaseException as problem:
                self._stop(problem)
                raise
            self._part(loss, tokens)
            return loss

        trainer.training_step = training_step

        def undo() -> None:
            if not over[0] and vars(trainer).get("training_step") is training_step:
                del trainer.training_step
            over[0] = True

        self._undo = undo

    @harmless
    def _part(self, loss: Any, tokens: int) -> None:
        self.bridge.part(loss, tokens)

    @harmless
    def _stop(self, problem: BaseException) -> None:
        self._undo()
        self.bridge.end("stopped", problem)


def _name(args: TrainingArguments) -> str:
    given = args.run_name if args.run_name != args.output_dir else None  # which older versions fill in
    return given or Path(args.output_dir or ".").resolve().name


def _trainer() -> Any:
    """The trainer whose callback is running, from the stack: a callback does not get it; None: it was not found."""
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_DEPTH):
        if frame is None:
            return None
        found = frame.f_locals.get("self")
        if callable(getattr(found, "training_step", None)) and hasattr(found, "callback_handler"):
            return found
        frame = frame.f_back
    return None


def _tokens(inputs: Any, name: str) -> int:
    """How many tokens a micro-batch has, padding included; 0 where its input is none of whole numbers."""
    ids = inputs.get(name) if isinstance(inputs, Mapping) else None
    return ids.numel() if isinstance(ids, torch.Tensor) and not ids.is_floating_point() else 0
