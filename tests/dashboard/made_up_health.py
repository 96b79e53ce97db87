"""Stores with runs in which the detectors find something, one function a situation of the Health page."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from barograph.db import Description, Event, Run, Store
from tests.dashboard import made_up

HEADS = [(f"blocks.{layer}", str(head)) for layer in range(4) for head in range(2)]
TENSORS = ["embed.weight", "blocks.0.attn.qkv.weight", "blocks.1.mlp.up.weight"]


def course(n: int, seed: int = 0, spikes: tuple[int, ...] = ()) -> dict:
    """Loss, gradient norm, learning rate and tokens of a calm run; a spike at each of some steps."""
    rng = np.random.default_rng(seed)
    steps = np.arange(n)
    loss = 2 + 6 / (1 + steps / (0.03 * n)) ** 0.6 + 0.04 * rng.standard_normal(n)
    norm = 0.5 + 0.05 * rng.gamma(2, 1, n)
    for at in spikes:
        norm[at : at + 2] *= 15
        loss[at + 1 : at + 12] += 2 * np.exp(-np.arange(len(loss[at + 1 : at + 12])) / 3)
    lr = 3e-3 * np.minimum(steps / (0.05 * n), 1)
    points = {"loss": loss, "grad_norm": norm, ("lr", "0"): lr, "time": 0.1 * (steps + 1)}
    points["tokens"] = 4096.0 * (steps + 1)
    return {key: (steps, values) for key, values in points.items()}


def logits(n: int, heads: list[tuple[str, ...]] = HEADS, grow: float = 2e-3, seed: int = 0) -> dict:
    """Attention logits every tenth step; those of the last head grow from the middle of the run on."""
    rng = np.random.default_rng(seed)
    steps = np.arange(0, n, 10)
    peak = 6 * np.exp(grow * np.clip(steps - n // 2, 0, None) + 0.03 * rng.standard_normal(len(steps)))
    out = {("attn_logit_max", *head): (steps, peak * rng.uniform(0.05, 0.4)) for head in heads[:-1]}
    return out | {("attn_logit_max", *heads[-1]): (steps, peak), "attn_logit_peak": (steps, peak)}


def keep(path: Path, run: str, points: dict, state: str = "stopped", planned: int | None = None, events=()) -> str:
    axes = {"attn_logit_max": ("layer", "head"), "grad_spike_max": ("parameter",), "lr": ("group",)}
    names = dict.fromkeys(key if isinstance(key, str) else key[0] for key in points)
    described = [Description(name, sentence=f"what {name} is", axes=axes.get(name, ())) for name in names]
    Store(path).append(Run(run, run, state=state, steps_planned=planned), points, descriptions=described, events=events)
    return run


def healthy(path: Path) -> str:
    return keep(path, "healthy", course(1500), "finished")


def growing(path: Path) -> str:
    """Attention logits on their way to 10,000, half way through a run; one gradient spike before."""
    return keep(path, "growing", course(3000, spikes=(900,)) | logits(3000), planned=6000)


def twenty(path: Path) -> str:
    spikes = tuple(range(600, 6600, 300))
    return keep(path, "twenty", course(7000, spikes=spikes), "finished")


def died(path: Path) -> str:
    points = course(1200)
    steps, values = points["loss"]
    values[1100:] = np.nan
    return keep(path, "died", points, "diverged")


def rewarmed(path: Path) -> str:
    """A learning rate that is raised again, and a loss that rises with it: expected, no fault."""
    points = course(4000)
    steps, lr = points["lr", "0"]
    lr[2000:] = 3e-4 + 2.7e-3 * np.minimum((steps[2000:] - 2000) / 50, 1)
    lr[1000:2000] = np.linspace(3e-3, 3e-4, 1000)
    points["loss"][1][2030:2200] += 0.35 * np.exp(-np.arange(170) / 60)
    return keep(path, "rewarmed", points, "finished")


def element(path: Path) -> str:
    """One element of one tensor is a thousand times its usual size at step 700: the norm does not show it."""
    rng = np.random.default_rng(0)
    steps = np.arange(1500)
    scores = {("grad_spike_max", tensor): (steps, rng.uniform(5, 40, 1500)) for tensor in TENSORS}
    scores["grad_spike_max", TENSORS[1]][1][700] = 1e6
    return keep(path, "element", course(1500) | scores, "finished")


def hostile(path: Path) -> str:
    """Names that come from outside stand in findings, in rows of maps and in tables."""
    heads = [(name, "0") for name in made_up.HOSTILE if name.strip()]
    rng = np.random.default_rng(0)
    steps = np.arange(3000)
    scores = {("grad_spike_max", name): (steps, rng.uniform(5, 40, 3000)) for name in made_up.HOSTILE}
    scores["grad_spike_max", made_up.HOSTILE[1]][1][700] = 1e6
    events = [Event(100 * i, "note", name) for i, name in enumerate(made_up.HOSTILE)]
    points = course(3000) | logits(3000, [*heads[2:], heads[0], heads[1]]) | scores
    return keep(path, made_up.HOSTILE[1], points, planned=6000, events=events)


def thousand(path: Path) -> str:
    heads = [(f"blocks.{layer}", str(head)) for layer in range(32) for head in range(32)]
    return keep(path, "thousand", course(2000) | logits(2000, heads, 5e-3), planned=4000)


SITUATIONS = [healthy, growing, twenty, died, rewarmed, element, hostile, thousand]
