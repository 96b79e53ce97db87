"""Lightning: a callback that records what a Trainer trains, and a logger for what a module logs.

    from lightning.pytorch import Trainer
    from barograph.collectors.integrations.lightning import BarographCallback, BarographLogger

    trainer = Trainer(max_epochs=2, callbacks=[BarographCallback(store="runs.db")])
    trainer.fit(module, data)

The callback alone brings: every signal of `watch`; the loss of every optimizer step (under gradient accumulation the
mean of its batches); the planned learning rate up to `estimated_stepping_batches`; after each validation `val_loss` and
the other metrics that the module has logged in it as evaluations, and those of a test; hyper-parameters; checkpoints.
`BarographLogger()` beside it takes down everything else that `self.log` says, in the same run. The logger alone,
without the callback, records just that: no hooks, so no gradients and no plan.

`trainer.fit(..., ckpt_path=...)` goes on with the same run as a new attempt from the checkpoint's step: the callback
keeps its run's name in the checkpoint. A Stop that was pressed on the dashboard ends the training of one process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

try:
    from lightning.pytorch import Callback
    from lightning.pytorch.loggers import Logger
except ImportError:
    from pytorch_lightning import Callback  # type: ignore[assignment]  # the same classes under another name
    from pytorch_lightning.loggers import Logger  # type: ignore[assignment]

from ..recording.run_name import readable_name
from ._bridge import Bridge, harmless
from ._names import VAL_LOSS, place


class BarographCallback(Callback):
    """Records what a Trainer trains; `options` are those of `watch` (store, name, preset, tags ...).

    tokens: how many tokens a batch has on this rank; None: the elements of its "input_ids", where it has them.
    """

    def __init__(self, *, tokens: Callable[[Any], int] | None = None, **options: Any):
        self.bridge = Bridge(**options)
        self._count = tokens or _tokens
        self._saved: dict[str, Any] = {}
        self._before: set[str] = set()
        self._validated: set[str] = set()

    @harmless
    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        optimizers = list(trainer.optimizers)
        steps = trainer.estimated_stepping_batches
        saved, self._saved = self._saved, {}
        done = saved.get("step", trainer.global_step // max(1, len(optimizers)))
        if done and (name := saved.get("name") or self.bridge.run.name):
            self.bridge.options["name"] = name
        config = dict(getattr(pl_module, "hparams", None) or {})
        for name in ("max_epochs", "accumulate_grad_batches", "gradient_clip_val", "precision"):
            if (value := getattr(trainer, name, None)) is not None:
                config.setdefault(name, value)
        self.bridge.begin(
            pl_module, optimizers or None, config=config, scheduler=_scheduler(trainer),
            total_steps=int(steps) if 0 < steps < float("inf") else None,
            scaler=getattr(trainer.precision_plugin, "scaler", None), resume=done > 0, step=done or None,
        )  # fmt: skip
        for logger in trainer.loggers:
            if isinstance(logger, BarographLogger):
                logger.join(self.bridge)

    @harmless
    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if isinstance(loss, Tensor):
            shares = trainer.accumulate_grad_batches if pl_module.automatic_optimization else 1
            self.bridge.part(loss * shares, self._count(batch) * trainer.world_size)
        self.bridge.stepped(mean=True, epoch=_epoch(trainer, batch_idx))
        if trainer.world_size == 1 and self.bridge.run.should_stop:
            trainer.should_stop = True

    @harmless
    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        self._before = set(trainer.callback_metrics)

    @harmless
    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        metrics = trainer.callback_metrics
        self._validated |= set(metrics) - self._before
        if not trainer.sanity_checking:
            self.bridge.evaluated("validation", _results({k: v for k, v in metrics.items() if k in self._validated}))

    @harmless
    def on_test_end(self, trainer: Any, pl_module: Any) -> None:
        self.bridge.evaluated("test", _results(trainer.callback_metrics))

    @harmless
    def on_save_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: Any) -> None:
        self.bridge.run.event("checkpoint", f"epoch {trainer.current_epoch}")

    @harmless
    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self.bridge.end("stopped", exception)

    @harmless
    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self.bridge.end()

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps: which run, and its last step."""
        return {"name": self.bridge.run.name, "step": self.bridge.run.step} if self.bridge.run.name else {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with that run, when training starts."""
        self._saved = dict(state_dict)


class BarographLogger(Logger):
    """Takes down what a module logs; joins the run of a BarographCallback where there is one.

    Lightning counts the steps from 0, the record from 1: what was logged at 99 stands after step 100.
    """

    def __init__(self, **options: Any):
        super().__init__()
        self.bridge = Bridge(**{**options, "name": options.get("name") or readable_name()})
        self._joined = False

    def join(self, bridge: Bridge) -> None:
        """From here on the run is another's."""
        if bridge is not self.bridge:
            bridge.configure(self.bridge.options.get("config") or {})
            self.bridge.end()
            self.bridge, self._joined = bridge, True

    @property
    def name(self) -> str:
        return self.bridge.run.name or self.bridge.options["name"]

    @property
    def version(self) -> str:
        return ""  # a folder of checkpoints goes by the name alone

    @property
    def experiment(self) -> Any:
        """The run, with the verbs of `watch`: event, evaluate, begin_task ..."""
        return self.bridge.run

    @harmless
    def log_hyperparams(self, params: Any, *arguments: Any, **options: Any) -> None:
        self.bridge.configure(params if isinstance(params, Mapping) else vars(params))

    @harmless
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        if not self.bridge.begun:
            self.bridge.begin()
        after = self.bridge.run.over  # a test, when training is over
        self.bridge.scalars(metrics, None if step is None or after else step + 1, results=not self._joined)

    @harmless
    def finalize(self, status: str) -> None:
        if not self._joined:
            self.bridge.end("stopped" if status == "failed" else None)


def _scheduler(trainer: Any) -> Any:
    """The first optimizer's, if it has one."""
    found = [one.scheduler for one in trainer.lr_scheduler_configs]
    return next((one for one in found if getattr(one, "optimizer", None) is trainer.optimizers[0]), None)


def _epoch(trainer: Any, batch: int) -> float:
    batches = trainer.num_training_batches
    return trainer.current_epoch + ((batch + 1) / batches if 0 < batches < float("inf") else 0.0)


def _results(metrics: Mapping[str, Any]) -> dict[Any, Any]:
    """Metrics of a validation without what says that they are of one."""
    found: dict[Any, Any] = {}
    for name, value in metrics.items():
        where = place(name, {VAL_LOSS} & set(found))
        found[where.key if where is not None and (where.task or where.key == VAL_LOSS) else name] = value
    return found


def _tokens(batch: Any) -> int:
    ids = batch.get("input_ids") if isinstance(batch, Mapping) else None
    return ids.numel() if isinstance(ids, Tensor) else 0
