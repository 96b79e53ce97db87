"""Train two dozen runs of the demo's size and write their loss curves, to forecast them with the shipped prior alone.

    python -m benchmarks.demo_runs --out DIR

makes `DIR/validation` (sparse, smooth) and `DIR/train` (every step, noisy), each a set in the curve layout that
`benchmarks.forecast` reads. A byte-level transformer of about 0.1 million parameters learns the source of the Python
standard library: small, short and noisy, far from the runs that the prior was made from."""

from __future__ import annotations

import argparse
import csv
import math
import sysconfig
import time
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
WARMUP, CONTEXT, BATCH, WIDTH, LAYERS, HEADS = 50, 64, 8, 64, 2, 4
EVALUATIONS = 40  # per run
TOKENS = 2_000_000


def text() -> torch.Tensor:
    """Bytes of the standard library's source, in name order: the same text wherever the Python is the same."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    data = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))[:TOKENS]
    return torch.from_numpy(np.frombuffer(data, np.uint8).astype(np.int64))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        batch, length, _ = x.shape
        heads = self.qkv(self.before(x)).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).reshape(batch, length, WIDTH)
        x = x + self.out(mixed)
        return x + self.down(F.gelu(self.up(self.between(x))))


class Mini(nn.Module):
    def __init__(self):
        super().__init__()
        self.token, self.place = nn.Embedding(256, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks, self.last = nn.Sequential(*(Block() for _ in range(LAYERS))), nn.LayerNorm(WIDTH)
        for table in (self.token, self.place):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, bytes_):
        x = self.token(bytes_) + self.place.weight[: bytes_.shape[1]]
        return F.linear(self.last(self.blocks(x)), self.token.weight)


def learning_rate(shape: str, step: int, total: int, peak: float) -> float:
    """The LR of optimizer step `step` (1..total)."""
    if step <= WARMUP:
        return peak * step / WARMUP
    done = (step - WARMUP) / (total - WARMUP)
    if shape == "cosine":
        return peak * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))
    if shape == "linear":
        return peak * (1 - done)
    return peak * min(1.0, (total - step) / (0.2 * total))


def batch_of(data, generator, size=BATCH):
    start = torch.randint(len(data) - CONTEXT - 1, (size, 1), generator=generator)
    window = data[start + torch.arange(CONTEXT + 1)]
    return window[:, :-1], window[:, 1:]


def loss_of(model, inputs, targets):
    return F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def train(data, shape: str, total: int, peak: float, seed: int):
    """One run: the LR and train loss of every step, and the validation loss at `EVALUATIONS` steps."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    cut = int(0.95 * len(data))
    held_out = batch_of(data[cut:], torch.Generator().manual_seed(0), 128)
    model = Mini()
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    rates, losses, validation = [], [], {}
    for step in range(1, total + 1):
        rates.append(learning_rate(shape, step, total, peak))
        optimizer.param_groups[0]["lr"] = rates[-1]
        loss = loss_of(model, *batch_of(data[:cut], generator))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if step % (total // EVALUATIONS) == 0:
            with torch.no_grad():
                validation[step] = loss_of(model, *held_out).item()
    return rates, losses, validation, sum(p.numel() for p in model.parameters())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    data, rows = text(), {"validation": [], "train": []}
    for kind in rows:
        (out / kind / "runs").mkdir(parents=True, exist_ok=True)
    for seed, (peak, (shape, total)) in enumerate((peak, shape) for peak in PEAKS for shape in SHAPES):
        started, name = time.perf_counter(), f"mini_{shape}_{total}_{peak:g}"
        rates, losses, validation, size = train(data, shape, total, peak, seed)
        columns = {"validation": [validation.get(step, "") for step in range(1, total + 1)], "train": losses}
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
                    "peak_lr": peak,
                    "schedule": shape,
                    "warmup": WARMUP,
                    "total_steps": total,
                    "setup": f"mini_{peak:g}",
                    "final_window": 0 if kind == "validation" else total // 50,
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
