"""TensorBoard's `SummaryWriter`: one changed import, and what a script writes there is on the record.

    from barograph.collectors.integrations.summary_writer import SummaryWriter  # was: torch.utils.tensorboard

    writer = SummaryWriter("runs/first")
    for step in range(100):
        writer.add_scalar("Loss/train", 1 / (step + 1), step)
    writer.add_scalar("Loss/val", 0.02, 99)
    writer.close()

By its tag a scalar becomes what the forecast and the detectors ask for: "Loss/train", "train/loss", "loss" the loss;
"Loss/val", "val_loss" the validation loss; "lr", "learning_rate" the learning rate; other tags that begin or end with
val, valid, eval or test ("Accuracy/val") evaluations; "step" nothing. The first tag of a meaning has it, and every
other one is a series of its own name. A loss whose step goes back begins a new attempt. Any other scalar whose step is
less than half of the loss's counts epochs: it is put where the loss is.

`add_hparams` becomes the configuration; `purge_step=N` goes on with the run as a new attempt from there. Text, images,
histograms and the like are accepted and left out. A SummaryWriter is shown no optimizer; give it one and the signals,
the steps and the plan of `watch` come too: `SummaryWriter("runs/first", model=model, optimizer=optimizer,
scheduler=scheduler, total_steps=100)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..recording.run_name import readable_name
from ._bridge import Bridge, harmless

_TENSORBOARDS = {"max_queue", "flush_secs", "filename_suffix", "write_to_disk", "comet_config"}


class SummaryWriter:
    """Records what a script writes for TensorBoard; `options` are those of `watch` (store, name, preset ...).

    The run is called by the last part of `log_dir`, or by `comment`.
    """

    def __init__(
        self, log_dir: Any = None, comment: str = "", purge_step: int | None = None, *tensorboards: Any,
        model: Any = None, optimizer: Any = None, **options: Any,
    ):  # fmt: skip
        self.bridge = Bridge(**{name: value for name, value in options.items() if name not in _TENSORBOARDS})
        self.log_dir = str(log_dir) if log_dir is not None else f"runs/{readable_name()}{comment}"
        self._begin(model, optimizer, purge_step)

    @harmless
    def _begin(self, model: Any, optimizer: Any, purge_step: int | None) -> None:
        last = None if purge_step is None else max(0, int(purge_step) - 1)
        name = Path(self.log_dir).name or Path(self.log_dir).resolve().name
        self.bridge.begin(model, optimizer, name=name, resume=last is not None, step=last)

    @harmless
    def add_scalar(
        self, tag: str, scalar_value: Any, global_step: Any = None, walltime: Any = None, *more: Any, **others: Any
    ) -> None:
        self.bridge.scalars({str(tag): scalar_value}, None if global_step is None else int(global_step))

    @harmless
    def add_scalars(
        self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: Any = None, walltime: Any = None
    ) -> None:
        values = {f"{main_tag}/{tag}": value for tag, value in tag_scalar_dict.items()}
        self.bridge.scalars(values, None if global_step is None else int(global_step))

    @harmless
    def add_hparams(
        self, hparam_dict: Mapping[str, Any], metric_dict: Mapping[str, Any] | None = None, *more: Any,
        global_step: Any = None, **others: Any,
    ) -> None:  # fmt: skip
        """Hyper-parameters into the configuration; the metrics, results of the whole run, beside them."""
        self.bridge.configure({**hparam_dict, **(metric_dict or {})})

    def get_logdir(self) -> str:
        return self.log_dir

    def flush(self) -> None:
        """Nothing to do: what a call has returned for is on the journal."""

    @harmless
    def close(self) -> None:
        self.bridge.end()

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, kind: Any, problem: BaseException | None, trace: Any) -> None:
        self.bridge.end(None if problem is None else "stopped", problem)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """`add_text`, `add_image`, `add_histogram` and the others: accepted, and left out."""
        if not name.startswith("add_"):
            raise AttributeError(f"SummaryWriter has no {name}")
        return lambda *arguments, **options: None
