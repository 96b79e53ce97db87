"""Trains a small model in a plain loop that writes for TensorBoard."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import nn

from barograph.collectors.integrations.summary_writer import SummaryWriter
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
    saved, done = folder / "out.pt", 0
    if resume:
        done, states, random = torch.load(saved)
        for one, state in zip((model, optimizer, scheduler), states, strict=True):
            one.load_state_dict(state)
        torch.set_rng_state(random)
    writer = Silent()
    if watched:
        given = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "total_steps": steps, "preset": "full"}
        writer = SummaryWriter(f"runs/{name}", purge_step=done + 1 if resume else None, store=store, flush_secs=10,
                               **(given if hooked else {}))  # fmt: skip
    writer.add_hparams({"lr": 3e-3}, {"hparam/best": 1.0})
    losses, rates, val, raised = {}, {}, {}, None
    try:
        while done < (until or steps):
            parts = []
            for part in range(accumulate):
                if done * accumulate + part + 1 == fail_at:
                    raise RuntimeError("out of memory")
                at = 4 * (done * accumulate + part)
                loss = nn.functional.cross_entropy(model(rows[at : at + 4]), rows[at : at + 4].argmax(1) % 3)
                (loss / accumulate).backward()
                parts.append(loss.item())
            rate = optimizer.param_groups[0]["lr"]
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
            done += 1
            losses[done], rates[done] = sum(parts) / len(parts), rate
            writer.add_scalar("Loss/train", losses[done], done)
            writer.add_scalar("lr", rate, done)
            writer.add_scalars("margin", {"two": 2 * losses[done], "three": torch.tensor(3 * losses[done])}, done)
            writer.add_text("sample", "hello", done)
            writer.add_histogram("weights", model[0].weight, done)
            if done % (steps // 2) == 0:
                val[done], accuracy = evaluate(model, rows[:8])
                writer.add_scalar("Loss/val", val[done], done)
                writer.add_scalar("Accuracy/val", accuracy, done)
    except RuntimeError as problem:
        raised = str(problem)
    writer.flush()
    writer.close()
    torch.save((done, [one.state_dict() for one in (model, optimizer, scheduler)], torch.get_rng_state()), saved)
    return SimpleNamespace(
        losses=losses, rates=rates, val=val, model=model, optimizer=optimizer, raised=raised, clean=True,
        config={"lr": 3e-3}, bridge=getattr(writer, "bridge", None),
    )  # fmt: skip


class Silent:
    """No writer at all."""

    def __getattr__(self, name):
        return lambda *arguments, **options: None


def example(folder):
    """What the example takes for granted, nothing; the name of its run."""
    return {}, "first"
