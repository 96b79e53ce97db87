"""Trains a small module with Lightning's Trainer."""

from __future__ import annotations

import logging
import warnings
from types import SimpleNamespace

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn

from barograph.collectors.integrations.lightning import BarographCallback

for name in ("lightning.pytorch", "lightning.fabric"):
    logging.getLogger(name).setLevel(logging.ERROR)


class Module(LightningModule):
    def __init__(self, steps, lr=3e-3):
        super().__init__()
        self.save_hyperparameters()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.1), nn.Linear(8, 3))
        self.seen, self.rates, self.val, self.fail_at, self.calls = {}, {}, {}, None, 0

    def training_step(self, batch, index):
        self.calls += 1
        if self.calls == self.fail_at:
            raise RuntimeError("out of memory")
        loss = nn.functional.cross_entropy(self.body(batch), batch.argmax(1) % 3)
        self.log("train_loss", loss)
        self.log("margin", loss * 2)
        self.seen.setdefault(self.global_step + 1, []).append(loss.item())
        self.rates[self.global_step + 1] = self.optimizers().param_groups[0]["lr"]
        return loss

    def validation_step(self, batch, index):
        out, target = self.body(batch), batch.argmax(1) % 3
        self.log("val_loss", nn.functional.cross_entropy(out, target))
        self.log("val_accuracy", (out.argmax(1) == target).float().mean())

    def test_step(self, batch, index):
        self.log("test_loss", self.body(batch).square().mean())
        self.log("test_accuracy", 0.5)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.hparams.steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


class Log(Callback):
    def on_validation_end(self, trainer, module):
        if not trainer.sanity_checking:
            module.val[trainer.global_step] = float(trainer.callback_metrics["val_loss"])


class Until(Callback):
    """Stops early, as a job that is cut; the plan stays what it was."""

    def __init__(self, step):
        self.step = step

    def on_train_batch_end(self, trainer, module, *more):
        trainer.should_stop = trainer.global_step >= self.step


def train(
    folder, store, *, steps=10, until=None, accumulate=1, resume=False, watched=True, fail_at=None, name="conformance",
    loggers=False,
):  # fmt: skip
    torch.manual_seed(0)
    module = Module(steps)
    module.fail_at = fail_at
    rows = torch.randn(4 * accumulate * steps, 4, generator=torch.Generator().manual_seed(1))
    callback = BarographCallback(store=store, name=name, preset="full")
    saved = folder / "out" / "last.ckpt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        trainer = Trainer(
            max_steps=steps, accumulate_grad_batches=accumulate, logger=loggers, enable_checkpointing=False,
            val_check_interval=accumulate * steps // 2, enable_progress_bar=False, enable_model_summary=False,
            accelerator="cpu", default_root_dir=folder, log_every_n_steps=1,
            callbacks=[Log(), *([callback] if watched else []), *([Until(until)] if until else [])],
        )  # fmt: skip
        raised = None
        try:
            trainer.fit(
                module, torch.utils.data.DataLoader(rows, 4), torch.utils.data.DataLoader(rows[:8], 4),
                ckpt_path=saved if resume else None,
            )  # fmt: skip
        except RuntimeError as problem:
            raised = str(problem)
        if until:
            trainer.save_checkpoint(saved)
    return SimpleNamespace(
        losses={step: sum(seen) / len(seen) for step, seen in module.seen.items()}, rates=module.rates, val=module.val,
        model=module, optimizer=trainer.optimizers[0], clean=True, raised=raised, config={"lr": 3e-3},
        bridge=callback.bridge,
    )  # fmt: skip


def example(folder):
    """What the example takes for granted; the name of its run, None: the only one."""
    return {"module": Module(8), "data": torch.utils.data.DataLoader(torch.randn(16, 4), 4)}, None
