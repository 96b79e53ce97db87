"""The zoo's animal: a small decoder-only transformer over bytes, with the cures that are tried on it."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

VOCABULARY = 256


class Block(nn.Module):
    """Causal attention and a two-layer perceptron; with `qk_norm`, queries and keys are normalised per head."""

    def __init__(self, width: int, heads: int, qk_norm: bool):
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.out = nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)
        norm = (lambda: nn.LayerNorm(width // heads)) if qk_norm else nn.Identity
        self.q_norm, self.k_norm = norm(), norm()

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        y = self.attention_norm(x)
        q, k, v = (proj(y).view(batch, length, self.heads, -1).transpose(1, 2) for proj in (self.q, self.k, self.v))
        mixed = F.scaled_dot_product_attention(self.q_norm(q), self.k_norm(k), v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x))))


class Animal(nn.Module):
    """Bytes in, logits of the next byte out [batch, length, 256]; the output layer has a table of its own.

    `coarse`: the logits are rounded to bfloat16, as they are where the output layer runs under autocast.
    """

    def __init__(self, width: int, layers: int, heads: int, context: int, qk_norm: bool, coarse: bool):
        super().__init__()
        self.coarse = coarse
        self.bytes = nn.Embedding(VOCABULARY, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, qk_norm) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, VOCABULARY)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                deep = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * layers) if deep else 0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.bytes(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x))
        return logits.bfloat16().float() if self.coarse else logits


def loss_of(logits: Tensor, targets: Tensor, z_loss: float) -> tuple[Tensor, Tensor]:
    """(mean cross-entropy in nats, what is minimised): the latter with `z_loss` times the mean of log^2 Z."""
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    if not z_loss:
        return loss, loss
    return loss, loss + z_loss * torch.logsumexp(logits, -1).square().mean()
