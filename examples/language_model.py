"""A small GPT over bytes whose loop sets the learning rate by hand: `plan=` says what the rate will be."""

import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from barograph import watch

STEPS, WARMUP, PEAK = 60, 10, 3e-3
MICRO_BATCHES, BATCH, LENGTH, WIDTH, HEADS = 2, 4, 32, 32, 4


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token, self.position = nn.Embedding(256, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Linear(WIDTH, 256, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.token(tokens) + self.position.weight[: tokens.shape[1]]
        return self.head(self.blocks(x))


def rate(step: int) -> float:
    """Linear warm-up, then cosine to a tenth; the first step is 1."""
    if step <= WARMUP:
        return PEAK * step / WARMUP
    done = (step - WARMUP) / (STEPS - WARMUP)
    return PEAK * (0.55 + 0.45 * math.cos(math.pi * done))


torch.manual_seed(0)
text = torch.tensor(list(Path(torch.__file__).read_bytes()))
train, held_out = text[: -len(text) // 10], text[-len(text) // 10 :]


def loss_on(source: torch.Tensor) -> torch.Tensor:
    starts = torch.randint(len(source) - LENGTH - 1, (BATCH,))
    rows = torch.stack([source[start : start + LENGTH + 1] for start in starts.tolist()])
    return F.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())


model = GPT()
optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK, betas=(0.9, 0.95))
config = {"lr": PEAK, "width": WIDTH, "batch": MICRO_BATCHES * BATCH}
with watch(model, optimizer, plan=rate, total_steps=STEPS, name="language-model", config=config, seed=0) as run:
    for step in range(1, STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        for _ in range(MICRO_BATCHES):
            loss = loss_on(train)
            (loss / MICRO_BATCHES).backward()
            run.log(loss=loss, tokens=BATCH * LENGTH)  # the mean of the micro-batches is recorded
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 20 == 0:
            with torch.no_grad():
                run.log(loss=loss_on(held_out), split="val")
print(f"recorded {run.name}: {run.step} steps")
