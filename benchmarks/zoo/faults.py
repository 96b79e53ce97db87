"""What is done to a run of the zoo from a step on: one function a fault, called between backward and the update."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from benchmarks.zoo.recipes import Recipe


@dataclass(frozen=True)
class Scene:
    """One step of a run, its gradients at hand and its update still to come; `draws` is the fault's own randomness."""

    recipe: Recipe
    model: nn.Module
    optimizer: torch.optim.Optimizer
    step: int
    draws: Generator

    @property
    def at(self) -> int:
        return self.recipe.at

    @property
    def force(self) -> float:
        return self.recipe.force


def spikes(scene: Scene) -> None:
    """From `at` on, as from a memory that fails: elements of the blocks' matrices are `force` times the RMS.

    At first one element in 2,000 a step, twice as many every 60 steps, up to three in ten.
    """
    if scene.step >= scene.at:
        share = min(0.3, 0.0005 * 2 ** ((scene.step - scene.at) / 60))
        for p in scene.model.blocks.parameters():
            if p.dim() > 1:
                _strike(p.grad, share, scene.force, scene.draws)


def one_spike(scene: Scene) -> None:
    """At `at` alone: one element of one matrix is `force` times what is usual for it, sqrt(v).

    An element that is usually small among its neighbours, so that the norm of the whole gradient says nothing of it.
    """
    if scene.step == scene.at:
        weight = scene.model.blocks[0].up.weight
        usual = scene.optimizer.state[weight]["exp_avg_sq"].flatten().sqrt()
        quiet = int(usual.argsort()[len(usual) // 10])
        weight.grad.view(-1)[quiet] = scene.force * usual[quiet]


def overflows(scene: Scene) -> None:
    """From `at` on: more and more steps have outliers in one matrix, ever larger ones, that overflow in float16.

    The loss scale gives way until all else is too small for float16, and what is learned from is the outliers.
    """
    since = scene.step - scene.at
    if since >= 0 and torch.rand((), generator=scene.draws) < min(0.9, since / 100):
        _strike(_some_matrix(scene), 0.05, scene.force * 2 ** min(45.0, since / 6), scene.draws)


def embedding(scene: Scene) -> None:
    """From `at` on a stale buffer is added to the embedding's gradient, the same to each row: at first `force` times
    the gradient's RMS, twice as much every 20 steps. Clipping by the global norm then leaves nothing of the others."""
    if scene.step >= scene.at:
        grad = scene.model.bytes.weight.grad
        stale = torch.randn(grad.shape[1], generator=Generator().manual_seed(scene.recipe.seed))
        grad += stale * grad.square().mean().sqrt() * scene.force * 2 ** min(40.0, (scene.step - scene.at) / 20)


def drift(scene: Scene) -> None:
    """From `at` on all output logits are pushed down together, by `force` a step: the loss cannot see it until the
    logits are too large for their precision."""
    if scene.step >= scene.at:
        with torch.no_grad():
            scene.model.head.bias -= scene.force


def growth(scene: Scene) -> None:
    """From `at` on, as by a decay of the wrong sign: the weights of queries and keys grow by `force` of themselves."""
    if scene.step >= scene.at:
        with torch.no_grad():
            for block in scene.model.blocks:
                block.q.weight *= 1 + scene.force
                block.k.weight *= 1 + scene.force


FAULTS = {f.__name__: f for f in (spikes, one_spike, overflows, embedding, drift, growth)}
MECHANISMS = {  # of a run that diverges after this was done to it
    "spikes": "element_spikes", "overflows": "loss_scale", "embedding": "embedding_gradient", "drift": "output_logits",
    "growth": "attention_logits",
}  # fmt: skip


def _some_matrix(scene: Scene) -> Tensor:
    matrices = [p.grad for p in scene.model.blocks.parameters() if p.dim() > 1]
    return matrices[int(torch.randint(len(matrices), (), generator=scene.draws))]


def _strike(grad: Tensor, share: float, times: float, draws: Generator) -> None:
    """Replaces a share of the elements by `times` the RMS, of either sign."""
    hit = torch.rand(grad.shape, generator=draws) < share
    sign = torch.randint(2, grad.shape, generator=draws) * 2 - 1
    grad[hit] = (sign * times * grad.square().mean().sqrt())[hit]
