"""Train small language models and write their loss curves, to forecast them or to make a prior for such runs.

    python -m benchmarks.demo_runs --out DIR [--others]

makes `DIR/validation` (sparse, smooth) and `DIR/train` (every step, noisy), each a set in the curve layout that
`benchmarks.forecast` reads. Two dozen runs of a byte-level transformer of the demo's size, about 0.1 million
parameters, learn the source of the Python standard library: small, short and noisy. `--others` trains models of other
sizes on other text instead: what a forecast of the two dozen may know."""

from __future__ import annotations

import argparse
import csv
import math
import random
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

PEAKS = (1e-3, 3e-3, 1e-2)
SHAPES = (
    ("cosine", 1000),
    ("cosine", 2000),
    ("cosine", 4000),
    ("wsd", 1000),
    ("wsd", 2000),
    ("wsd", 4000),
    ("linear", 1500),
    ("linear", 6000),
)
EVALUATIONS = 40  # per run
TOKENS = 2_000_000
OTHERS = 20  # setups of other models, other text and any length


@dataclass(frozen=True)
class Model:
    """The shape of a transformer and of its batches."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    context: int = 64
    batch: int = 8


@dataclass(frozen=True)
class Plan:
    """How long a run goes and how its LR moves."""

    shape: str
    total: int
    peak: float
    warmup: int = 50


def text(folder: Path, below: bool = False) -> torch.Tensor:
    """Bytes of the Python source in a folder (and `below` it), in name order: the same for the same version."""
    files = sorted(folder.rglob("*.py") if below else folder.glob("*.py"))
    data = b"".join(path.read_bytes() for path in files)[:TOKENS]
    return torch.from_numpy(np.frombuffer(data, np.uint8).astype(np.int64))


class Block(nn.Module):
    def __init__(self, shape: Model):
        super().__init__()
        width, self.heads = shape.width, shape.heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        heads = self.qkv(self.before(x)).view(batch, length, 3, self.heads, width // self.heads)
        mixed = F.scaled_dot_product_attention(*heads.permute(2, 0, 3, 1, 4), is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.between(x))))


class Mini(nn.Module):
    def __init__(self, shape: Model):
        super().__init__()
        self.token, self.place = nn.Embedding(256, shape.width), nn.Embedding(shape.context, shape.width)
        self.blocks, self.last = nn.Sequential(*(Block(shape) for _ in range(shape.layers))), nn.LayerNorm(shape.width)
        for table in (self.token, self.place):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, bytes_):
        x = self.token(bytes_) + self.place.weight[: bytes_.shape[1]]
        return F.linear(self.last(self.blocks(x)), self.token.weight)


def learning_rate(plan: Plan, step: int) -> float:
    """The LR of optimizer step `step` (1..total)."""
    if step <= plan.warmup:
        return plan.peak * step / plan.warmup
    done = (step - plan.warmup) / (plan.total - plan.warmup)
    if plan.shape == "cosine":
        return plan.peak * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))
    if plan.shape == "linear":
        return plan.peak * (1 - done)
    return plan.peak * min(1.0, (plan.total - step) / (0.2 * plan.total))


def batch_of(data, shape: Model, generator, size: int):
    start = torch.randint(len(data) - shape.context - 1, (size, 1), generator=generator)
    window = data[start + torch.arange(shape.context + 1)]
    return window[:, :-1], window[:, 1:]


def loss_of(model, inputs, targets):
    return F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def train(data, shape: Model, plan: Plan, seed: int):
    """One run: the LR and train loss of every step, and the validation loss at `EVALUATIONS` steps."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    cut = int(0.95 * len(data))
    held_out = batch_of(data[cut:], shape, torch.Generator().manual_seed(0), 128)
    model = Mini(shape)
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.peak, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    rates, losses, validation = [], [], {}
    for step in range(1, plan.total + 1):
        rates.append(learning_rate(plan, step))
        optimizer.param_groups[0]["lr"] = rates[-1]
        loss = loss_of(model, *batch_of(data[:cut], shape, generator, shape.batch))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if step % (plan.total // EVALUATIONS) == 0:
            with torch.no_grad():
                validation[step] = loss_of(model, *held_out).item()
    return rates, losses, validation, sum(p.numel() for p in model.parameters())


def demos():
    """(seed, setup, data, model, plan) of the two dozen."""
    data = text(Path(sysconfig.get_paths()["stdlib"]))
    plans = [Plan(shape, total, peak) for peak in PEAKS for shape, total in SHAPES]
    for seed, plan in enumerate(plans):
        yield seed, f"mini_{plan.peak:g}", data, Model(), plan


def others():
    """The same of models of other sizes on other text, two runs a setup, drawn at random with a fixed seed."""
    draw = random.Random(0)
    texts = [text(Path(torch.__path__[0]) / name, below=True) for name in ("_inductor", "distributed", "testing")]
    for number in range(OTHERS):
        width, layers = draw.choice((32, 48, 96)), draw.choice((1, 2, 3))
        model = Model(width, layers, draw.choice((2, 4)), draw.choice((32, 64)), draw.choice((4, 8, 12)))
        peak, data = round(10 ** draw.uniform(-3.2, -1.9), 5), draw.choice(texts)
        for seed in (2 * number, 2 * number + 1):
            shape, total = draw.choice(("cosine", "wsd", "linear")), 100 * round(math.exp(draw.uniform(1.8, 4.1)))
            yield seed, f"other_{number}_{peak:g}", data, model, Plan(shape, total, peak, draw.choice((30, 80, 150)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--others", action="store_true", help="models of other sizes on other text")
    arguments = parser.parse_args()
    out = arguments.out
    torch.set_num_threads(1)
    rows = {"validation": [], "train": []}
    for kind in rows:
        (out / kind / "runs").mkdir(parents=True, exist_ok=True)
    for seed, setup, data, model, plan in others() if arguments.others else demos():
        started, name = time.perf_counter(), f"{setup}_{plan.shape}_{plan.total}_{seed}"
        rates, losses, validation, size = train(data, model, plan, seed)
        columns = {"validation": [validation.get(step, "") for step in range(1, plan.total + 1)], "train": losses}
        for kind, column in columns.items():
            with open(out / kind / "runs" / f"{name}.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["step", "lr", "loss"])
                writer.writerow([0, 0, ""])
                writer.writerows(
                    (k + 1, f"{rate:.8g}", f"{loss:.6g}" if loss != "" else "")
                    for k, (rate, loss) in enumerate(zip(rates, column, strict=True))
                )
            # one batch's train loss is mostly noise: a run's final train loss is the mean over its last 2 %
            rows[kind].append(
                {
                    "run": name,
                    "file": f"runs/{name}.csv",
                    "params": size,
                    "peak_lr": plan.peak,
                    "schedule": plan.shape,
                    "warmup": plan.warmup,
                    "total_steps": plan.total,
                    "setup": setup,
                    "loss_kind": kind,
                    "final_window": 0 if kind == "validation" else plan.total // 50,
                }
            )
        print(
            f"{name}: validation {list(validation.values())[-1]:.4f}, {time.perf_counter() - started:.0f} s", flush=True
        )
    for kind, index in rows.items():
        with open(out / kind / "index.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, list(index[0]))
            writer.writeheader()
            writer.writerows(index)


if __name__ == "__main__":
    main()
