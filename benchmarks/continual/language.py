"""A byte-level language model that learns three kinds of the standard library's text, one after the other.

Code (the modules), prose (the language reference that `help()` prints) and tables (the character maps of `encodings`).
At each change of data the learning rate is warmed up again and decays; with replay a quarter of each batch comes from
the kinds before. Every kind is evaluated at every step just after a change and every tenth step later.
"""

from __future__ import annotations

import functools
import math
import sysconfig
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barograph.collectors import watch
from benchmarks.demo_runs import Mini, Model, batch_of

PEAK, WARMUP, LEAST = 3e-3, 20, 0.1
MODEL = Model()
REPLAYED = MODEL.batch // 4  # sequences of each batch
DENSE, EVERY = 50, 10
WINDOWS = 16  # of 64 bytes, held out, of each kind
SIZE = 600_000  # bytes of each kind


@functools.cache
def kinds() -> dict[str, tuple[Tensor, Tensor]]:
    """Name -> (bytes to learn, bytes held out)."""
    from pydoc_data.topics import topics

    folder = Path(sysconfig.get_paths()["stdlib"])
    texts = {
        "code": b"".join(path.read_bytes() for path in sorted(folder.glob("*.py"))),
        "prose": "\n".join(topics[name] for name in sorted(topics)).encode(),
        "tables": b"".join(path.read_bytes() for path in sorted((folder / "encodings").glob("cp*.py"))),
    }
    out = {}
    for name, text in texts.items():
        data = torch.from_numpy(np.frombuffer(text[:SIZE], np.uint8).astype(np.int64))
        cut = int(0.9 * len(data))
        out[name] = data[:cut], data[cut:]
    return out


def rate(step: int, steps: int) -> float:
    """Of step 1 ... steps of one kind: a warm-up from 0, then a cosine to a tenth of the peak."""
    if step <= WARMUP:
        return PEAK * step / WARMUP
    return PEAK * (LEAST + (1 - LEAST) * (1 + math.cos(math.pi * (step - WARMUP) / (steps - WARMUP))) / 2)


def name_of(replay: bool, seed: int) -> str:
    return f"language-{'replay' if replay else 'no replay'}-s{seed}"


def train(replay: bool, seed: int, steps: int, store: str) -> None:
    """Trains and records one run, `steps` on each kind."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    fixed = torch.Generator().manual_seed(0)
    held_out = {name: batch_of(test, MODEL, fixed, WINDOWS) for name, (_, test) in kinds().items()}
    model = Mini(MODEL)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK, betas=(0.9, 0.95), weight_decay=0.1)
    with watch(
        model, optimizer, store=store, name=name_of(replay, seed), project="continual", preset="light", seed=seed,
        tags=("language", "replay" if replay else "fine-tuning"), total_steps=3 * steps,
        plan=lambda at: rate((at - 1) % steps + 1, steps), config={"peak": PEAK, "replayed": REPLAYED if replay else 0},
    ) as run:  # fmt: skip
        evaluate(run, model, held_out)
        earlier: list[Tensor] = []
        for kind, (data, _) in kinds().items():
            run.begin_task(kind)
            for step in range(1, steps + 1):
                optimizer.param_groups[0]["lr"] = rate(step, steps)
                inputs, targets = batch_of(data, MODEL, random, MODEL.batch)
                if replay and earlier:
                    old = [batch_of(one, MODEL, random, REPLAYED) for one in earlier]
                    some = torch.randperm(len(earlier) * REPLAYED, generator=random)[:REPLAYED]
                    inputs[:REPLAYED] = torch.cat([one[0] for one in old])[some]
                    targets[:REPLAYED] = torch.cat([one[1] for one in old])[some]
                loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
                run.log(loss=loss)
                if step <= DENSE or step % EVERY == 0:
                    evaluate(run, model, held_out)
            earlier.append(data)
        run.end_task()


@torch.no_grad()
def evaluate(run, model: nn.Module, held_out: dict[str, tuple[Tensor, Tensor]]) -> None:
    """Share of held-out bytes that are foretold, and their loss, of each kind; all in one pass."""
    answers = model(torch.cat([inputs for inputs, _ in held_out.values()])).split(WINDOWS)
    for (name, (_, targets)), answer in zip(held_out.items(), answers, strict=True):
        right = (answer.argmax(-1) == targets).float().mean()
        loss = F.cross_entropy(answer.flatten(0, 1), targets.flatten())
        run.evaluate(run.step, name, accuracy=right, loss=loss, n=targets.numel(), subset="held out")
