"""Trains a small model in a loop of one's own, with an Accelerator."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import torch
from accelerate import Accelerator
from torch import nn

from barograph.collectors.integrations.accelerate import BarographTracker
from tests.collectors.integrations.small import evaluate


def train(
    folder, store, *, steps=10, until=None, accumulate=1, resume=False, watched=True, fail_at=None, name="conformance",
    hooked=True,
):  # fmt: skip
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.1), nn.Linear(8, 3))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rows = torch.randn(4 * accumulate * steps, 4, generator=torch.Generator().manual_seed(1))
    tracker = BarographTracker(store=store, name=name, preset="full")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        accelerator = Accelerator(
            cpu=True, log_with=[tracker] if watched else [], gradient_accumulation_steps=accumulate
        )
    data = torch.utils.data.DataLoader(rows, 4)
    model, optimizer, data, scheduler = accelerator.prepare(model, optimizer, data, scheduler)
    if watched and hooked:
        tracker.watch(model, optimizer, scheduler=scheduler, total_steps=steps)
    accelerator.init_trackers("conformance", config={"lr": 3e-3})
    accelerator.register_for_checkpointing(tracker)
    done, losses, rates, val = 0, {}, {}, {}
    if resume:
        accelerator.load_state(folder / "out")
        done = resume if isinstance(resume, int) and resume is not True else steps // 2
        data = accelerator.skip_first_batches(data, done * accumulate)
    raised, parts = None, []
    try:
        for batch in data:
            with accelerator.accumulate(model):
                if done * accumulate + len(parts) + 1 == fail_at:
                    raise RuntimeError("out of memory")
                loss = nn.functional.cross_entropy(model(batch), batch.argmax(1) % 3)
                accelerator.backward(loss)
                parts.append(loss.item())
                rate = optimizer.param_groups[0]["lr"]
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()
            if accelerator.sync_gradients:
                done += 1
                losses[done], rates[done], parts = sum(parts) / len(parts), rate, []
                accelerator.log({"train_loss": losses[done], "lr": rate, "margin": 2 * losses[done]}, step=done)
                if done % (steps // 2) == 0:
                    val[done], accuracy = evaluate(model, rows[:8])
                    accelerator.log({"eval_loss": val[done], "eval_accuracy": accuracy}, step=done)
                if done == until:
                    accelerator.save_state(folder / "out")
                    break
    except RuntimeError as problem:
        raised = str(problem)
    accelerator.end_training()
    return SimpleNamespace(
        losses=losses, rates=rates, val=val, model=model, optimizer=optimizer.optimizer, raised=raised,
        clean=not model._forward_pre_hooks, config={"lr": 3e-3}, bridge=tracker.bridge,
    )  # fmt: skip


def example(folder):
    """What the example takes for granted; the name of its run."""
    model = nn.Linear(4, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100)
    data = torch.utils.data.DataLoader(torch.randn(800, 4), 4)
    return {"model": model, "optimizer": optimizer, "scheduler": scheduler, "data": data}, "my run"
