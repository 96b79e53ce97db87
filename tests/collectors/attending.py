"""Small models that attend, for the tests of what is seen of them."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

WIDTH, HEADS, LENGTH, CLASSES = 8, 2, 6, 7


class Attention(nn.Module):
    """Self-attention whose call is `how(q, k, v)`; it keeps the queries and keys of each call in training."""

    def __init__(self, how=None):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.how = how
        self.kept = []

    def forward(self, x):
        q, k, v = self.qkv(x).view(*x.shape[:2], 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        if not torch.compiler.is_compiling() and torch._C._current_graph_task_id() == -1:
            self.kept.append((q.detach(), k.detach()))
        mixed = self.how(q, k, v) if self.how else F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return x + mixed.transpose(1, 2).flatten(2)


class Attending(nn.Module):
    """Two layers of attention, then classes; `checkpointed`: "", "reentrant" or "not reentrant"."""

    def __init__(self, how=None, checkpointed=""):
        super().__init__()
        self.table = nn.Embedding(CLASSES, WIDTH)
        self.blocks = nn.ModuleList(Attention(how) for _ in range(2))
        self.head = nn.Linear(WIDTH, CLASSES)
        self.checkpointed = checkpointed

    def forward(self, tokens):
        x = self.table(tokens)
        for block in self.blocks:
            if self.checkpointed:
                x = checkpoint(block, x, use_reentrant=self.checkpointed == "reentrant")
            else:
                x = block(x)
        return self.head(x)


def train(model, run=None, steps=1, call=None, batches=1, optimizer=None):
    """Trains by stochastic gradient descent on random tokens; returns the losses."""
    call = call or (lambda tokens, targets: F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten()))
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        for _ in range(batches):
            tokens = torch.randint(CLASSES, (3, LENGTH))
            loss = call(tokens, tokens.roll(1, dims=1))
            loss.backward()
            losses.append(loss.item())
        optimizer.step()
        optimizer.zero_grad()
        if run is not None:
            run.log(loss=losses[-1])
    return losses
