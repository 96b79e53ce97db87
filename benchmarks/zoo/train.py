"""Trains one run of the zoo as an ordinary user of `watch`."""

from __future__ import annotations

import math
import os
import sysconfig
from dataclasses import asdict
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from barograph.collectors import watch
from barograph.collectors.demo import batch_of, source_bytes
from benchmarks.zoo.faults import FAULTS, Scene
from benchmarks.zoo.model import Animal, loss_of
from benchmarks.zoo.recipes import Recipe

POOL = 24  # windows that repeated data is drawn from
DEAD = 20  # steps that go on after the loss is not finite


@cache
def sources() -> tuple[Tensor, Tensor, Tensor]:
    """Bytes to learn, held-out bytes, and those of another kind that a data switch brings."""
    training, held_out = source_bytes()
    other = b"".join(p.read_bytes() for p in sorted(Path(sysconfig.get_path("stdlib"), "asyncio").glob("*.py")))
    return training, held_out, torch.frombuffer(bytearray(other), dtype=torch.uint8)


def batch(recipe: Recipe, step: int, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """(tokens, targets) of one step."""
    training, _, other = sources()
    data = training
    if recipe.data == "repeated":
        data = training[: POOL * (recipe.context + 1)]
    elif recipe.data == "switch" and step >= recipe.at:
        data = other
    tokens, targets = batch_of(data, recipe.batch, recipe.context, draws)
    if recipe.fault == "bad_batches" and step >= recipe.at and (step - recipe.at) % 150 == 0:
        tokens = targets = torch.randint(256, tokens.shape, generator=draws)
    return tokens, targets


@torch.no_grad()
def held_out_loss(model: nn.Module, batches: list[tuple[Tensor, Tensor]]) -> float:
    """Mean loss over the held-out batches, the same ones each time."""
    model.eval()
    loss = sum(loss_of(model(tokens), targets, 0.0)[0].item() for tokens, targets in batches) / len(batches)
    model.train()
    return loss


def train(recipe: Recipe, store: str | os.PathLike, *, seed_set: str, preset: str = "full") -> None:
    """One run, recorded; it ends early where the loss is no longer finite."""
    torch.manual_seed(recipe.seed)
    draws = torch.Generator().manual_seed(recipe.seed)
    mishaps = torch.Generator().manual_seed(recipe.seed + 1)
    fixed = torch.Generator().manual_seed(0)
    held_out = [batch_of(sources()[1], 16, recipe.context, fixed) for _ in range(2)]
    model = Animal(recipe.width, recipe.layers, recipe.heads, recipe.context, recipe.qk_norm, recipe.coarse)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.lr(1), betas=(0.9, recipe.beta2), eps=recipe.eps,
        weight_decay=recipe.weight_decay, foreach=True,
    )  # fmt: skip
    scaler = torch.amp.GradScaler("cpu", growth_interval=100, enabled=recipe.half)
    fault = FAULTS.get(recipe.fault)
    dead = 0
    with watch(
        model, optimizer, total_steps=recipe.steps, plan=recipe.lr, scaler=scaler, store=store, name=recipe.name,
        config=asdict(recipe), preset=preset, seed=recipe.seed, project="zoo", tags=("zoo", seed_set),
    ) as run:  # fmt: skip
        step = 0
        while run.step < recipe.steps and step < 2 * recipe.steps and dead < DEAD:
            step = run.step + 1
            if recipe.data == "switch" and step == recipe.at:
                run.event("data", "other modules from here on")
            tokens, targets = batch(recipe, step, draws)
            logits = model(tokens)
            loss, minimised = loss_of(logits, targets, recipe.z_loss)
            optimizer.zero_grad()
            scaler.scale(minimised).backward()
            if fault:
                fault(Scene(recipe, model, optimizer, step, mishaps))
            if recipe.half:
                round_to_half(model)
            scaler.unscale_(optimizer)
            if recipe.clip:
                nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            for group in optimizer.param_groups:
                group["lr"] = recipe.lr(step)
            scaler.step(optimizer)
            scaler.update()
            run.log(loss=loss, tokens=tokens.numel())
            dead += not math.isfinite(loss.item())
            if run.step % 100 == 0:
                run.log(val_loss=held_out_loss(model, held_out), split="val")


def round_to_half(model: nn.Module) -> None:
    """Gradients as float16 would hold them: what is too large is infinite, what is too small is gone."""
    for p in model.parameters():
        p.grad.copy_(p.grad.half())
