"""Has a classifier's last layer come to prefer the classes that it is learning?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from ...db.records import Description

REMEDY = "record some: run.predictions(logits, new=classes, targets=targets, weight=head)"
SHARE = Description(
    "new_class_share", "", "Share of the predictions that are classes of the current task",
    title="Predicted new classes", remedy=REMEDY,
)  # fmt: skip
DUE = Description(
    "new_class_due", "", "Share of the examples whose class is one of the current task: what new_class_share should be",
    title="New classes among the examples", remedy=REMEDY,
)  # fmt: skip
GAMMA = Description(
    "head_gamma", "", "Weight norm of old classes over that of new ones in the head", "higher",
    title="Head weights, old over new classes", remedy=REMEDY,
)  # fmt: skip


def head_bias(
    predicted: Tensor,
    new: Iterable[int],
    *,
    old: Iterable[int] | None = None,
    targets: Tensor | None = None,
    weight: Tensor | nn.Module | None = None,
) -> list[tuple[Description, Tensor]]:
    """What tells a biased head from lost knowledge: descriptions, each with its value (0-d, on its device).

    Why: a task that seems forgotten may only be outvoted; rescaling two numbers of the head then brings it back.
    `new_class_share`: share of predictions [n] (or of the arg max of logits [n, classes]) that are `new` classes.
    `new_class_due`: the same share of the `targets` [n], which is what it should be.
    `head_gamma` = mean |w_old| / mean |w_new| over the rows of `weight` [classes, width]; `old` None: all others.
    Raises ValueError where there are no new classes or shapes do not fit. Sources: Wu et al. 2019; Zhao et al. 2020.
    """
    fresh = torch.as_tensor(list(new), dtype=torch.long, device=predicted.device)
    if not len(fresh):
        raise ValueError("predictions(new=[]): expected the classes of the current task")
    chosen = predicted.detach()
    if chosen.is_floating_point() and chosen.dim() == 2:
        chosen = chosen.argmax(dim=1)
    if chosen.dim() != 1 or chosen.is_floating_point():
        shape = tuple(predicted.shape)
        raise ValueError(f"predictions of shape {shape}: expected class numbers [n] or logits [n, classes]")
    found = [(SHARE, _share(chosen, fresh))]
    if targets is not None:
        found.append((DUE, _share(targets.detach().to(chosen.device), fresh)))
    if weight is not None:
        found.append((GAMMA, _gamma(weight, fresh, old)))
    return found


def _share(classes: Tensor, fresh: Tensor) -> Tensor:
    return torch.isin(classes, fresh).float().mean()


def _gamma(weight: Tensor | nn.Module, fresh: Tensor, old: Iterable[int] | None) -> Tensor:
    table = weight.weight if isinstance(weight, nn.Module) else weight
    if not isinstance(table, Tensor):
        raise ValueError("predictions(weight=...): expected the weights of the last layer, or a module that has them")
    rows = table.detach()
    norms = torch.linalg.vector_norm(rows.float().flatten(1), dim=1)
    fresh = fresh.to(norms.device)
    if old is None:
        known = ~torch.isin(torch.arange(len(norms), device=norms.device), fresh)
        return norms[known].mean() / norms[fresh].mean()
    return norms[torch.as_tensor(list(old), dtype=torch.long, device=norms.device)].mean() / norms[fresh].mean()
