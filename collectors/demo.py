"""A real training run to look at: a small transformer learns Python from the standard library's own source.

    python -m barograph.collectors.demo --steps 4000 --schedule wsd

An ordinary user of `watch`: decoder-only, bytes in and bytes out, AdamW, warm-up, then cosine or
warm-up-stable-decay, gradients clipped at 1. Every twentieth file is held out and evaluated at a cadence.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import watch

VOCABULARY = 256
CLIP = 1.0


class TransformerBlock(nn.Module):
    """Causal attention and a two-layer perceptron, each before its norm and beside the residual stream."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x))))


class ByteTransformer(nn.Module):
    """Next-byte prediction; the input table is also the output layer."""

    def __init__(self, width: int = 128, layers: int = 4, heads: int = 4, context: int = 128):
        super().__init__()
        self.bytes = nn.Embedding(VOCABULARY, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(TransformerBlock(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, VOCABULARY, bias=False)
        self.head.weight = self.bytes.weight
        for name, p in self.named_parameters():
            if p.dim() > 1:
                deep = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * layers) if deep else 0.02)

    def forward(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy in nats of `targets` [batch, length] after `tokens` [batch, length]."""
        x = self.bytes(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), targets.flatten())


def source_bytes() -> tuple[Tensor, Tensor]:
    """The standard library's modules as bytes, (training, held out): every twentieth file is held out."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    kept, held = bytearray(), bytearray()
    for i, file in enumerate(files):
        (held if i % 20 == 0 else kept).extend(file.read_bytes())
    return torch.frombuffer(kept, dtype=torch.uint8), torch.frombuffer(held, dtype=torch.uint8)


def batch_of(data: Tensor, size: int, context: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random windows of `data`: (tokens, targets), each [size, context]."""
    start = torch.randint(len(data) - context - 1, (size, 1), generator=generator)
    window = data[start + torch.arange(context + 1)].long()
    return window[:, :-1], window[:, 1:]


def schedule(kind: str, steps: int) -> Callable[[int], float]:
    """The factor of the peak learning rate after `step` steps: warm-up, then cosine to 10 %, or stable and decay."""
    warm = max(1, min(200, steps // 10))
    decay = max(1, steps // 5)  # of wsd: the last fifth, linear to zero

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        if kind == "wsd":
            return min(1.0, max(steps - step, 0) / decay)
        done = min(1.0, (step - warm) / max(1, steps - warm))
        return 0.1 + 0.45 * (1 + math.cos(math.pi * done))

    return factor


@torch.no_grad()
def held_out_loss(model: nn.Module, batches: list[tuple[Tensor, Tensor]]) -> float:
    """Mean loss over the held-out batches, the same ones each time."""
    model.eval()
    loss = sum(model(*batch).item() for batch in batches) / len(batches)
    model.train()
    return loss


def optimizer_of(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """AdamW that decays matrices only."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95))


def train(options: argparse.Namespace) -> None:
    """Trains as the options say, until the last step or until somebody asks the run to stop."""
    torch.manual_seed(options.seed)
    training, held_out = source_bytes()
    draws = torch.Generator().manual_seed(options.seed)
    fixed = torch.Generator().manual_seed(0)
    evaluation = [batch_of(held_out, options.batch, options.context, fixed) for _ in range(16)]
    model = ByteTransformer(options.width, options.layers, options.heads, options.context)
    optimizer = optimizer_of(model, options.lr)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule(options.schedule, options.steps))
    with watch(
        model, optimizer, scheduler=scheduler, total_steps=options.steps, store=options.store, name=options.name,
        config=vars(options), preset=options.preset, seed=options.seed, project="demo",
    ) as run, progress(options.steps) as show:  # fmt: skip
        run.log(val_loss=held_out_loss(model, evaluation), split="val")
        for step in range(1, options.steps + 1):
            tokens, targets = batch_of(training, options.batch, options.context, draws)
            loss = model(tokens, targets)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            scheduler.step()
            run.log(loss=loss, tokens=tokens.numel())
            if step % options.evaluate == 0 or step == options.steps:
                run.log(val_loss=held_out_loss(model, evaluation), split="val")
            show(step, loss)
            if run.should_stop:
                break


class progress:  # noqa: N801  (used like a function)
    """A progress line on a terminal, a line every hundred steps elsewhere."""

    def __init__(self, steps: int):
        self.steps = steps
        self._bar: Any = None

    def __enter__(self) -> progress:
        if sys.stderr.isatty():
            try:
                from rich.progress import Progress
            except ImportError:
                return self
            self._bar = Progress(transient=True)
            self._bar.start()
            self._task = self._bar.add_task("training", total=self.steps)
        return self

    def __call__(self, step: int, loss: Tensor) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=step, description=f"loss {loss.item():.3f}")
        elif step % 100 == 0 or step == self.steps:
            print(f"step {step}/{self.steps}  loss {loss.item():.3f}", flush=True)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m barograph.collectors.demo", description=__doc__.splitlines()[0])
    p.add_argument("--steps", type=int, default=4000, help="optimizer steps (default 4000)")
    p.add_argument("--store", default=None, help="the store (default: BAROGRAPH_STORE, or runs.db)")
    p.add_argument("--name", default=None, help="the run's name (default: a random one)")
    p.add_argument("--schedule", choices=("cosine", "wsd"), default="cosine", help="after the warm-up")
    p.add_argument("--preset", choices=("light", "standard", "full"), default="standard", help="what is recorded")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--lr", type=float, default=2e-3, help="peak learning rate")
    p.add_argument("--batch", type=int, default=8, help="windows a step")
    p.add_argument("--context", type=int, default=128, help="bytes a window")
    p.add_argument("--width", type=int, default=128)
    p.add_argument("--layers", type=int, default=4)
    p.add_argument("--heads", type=int, default=4)
    p.add_argument("--evaluate", type=int, default=100, help="steps between evaluations of the held-out files")
    return p


def main(arguments: list[str] | None = None) -> int:
    """Runs the demo; Ctrl-C and SIGTERM end it cleanly, the run is then stopped."""
    options = parser().parse_args(arguments)
    if options.steps < 1:
        parser().error(f"--steps {options.steps}: expected at least 1")

    def terminate(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        train(options)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
