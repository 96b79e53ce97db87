"""Has a classifier's last layer come to prefer the classes that it is learning?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

Said = tuple[Tensor, str, str]  # value, sentence, which way is better


def head(
    predicted: Tensor,
    new: Iterable[int],
    *,
    old: Iterable[int] | None = None,
    targets: Tensor | None = None,
    weight: Tensor | nn.Module | None = None,
) -> dict[str, Said]:
    """What tells a biased head from lost knowledge, by name: the value (0-d, on its device), a sentence, better.

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
    sentence = "Share of the predictions that are classes of the current task"
    found: dict[str, Said] = {"new_class_share": (_share(chosen, fresh), sentence, "neither")}
    if targets is not None:
        sentence = "Share of the examples whose class is one of the current task: what new_class_share should be"
        found["new_class_due"] = _share(targets.detach().to(chosen.device), fresh), sentence, "neither"
    if weight is not None:
        sentence = "Weight norm of old classes over that of new ones in the head"
        found["head_gamma"] = _gamma(weight, fresh, old), sentence, "higher"
    return found


def _share(classes: Tensor, fresh: Tensor) -> Tensor:
    return torch.isin(classes, fresh).float().mean()


def _gamma(weight: Tensor | nn.Module, fresh: Tensor, old: Iterable[int] | None) -> Tensor:
    rows = (weight.weight if isinstance(weight, nn.Module) else weight).detach()
    norms = torch.linalg.vector_norm(rows.float().flatten(1), dim=1)
    fresh = fresh.to(norms.device)
    if old is None:
        known = ~torch.isin(torch.arange(len(norms), device=norms.device), fresh)
        return norms[known].mean() / norms[fresh].mean()
    return norms[torch.as_tensor(list(old), dtype=torch.long, device=norms.device)].mean() / norms[fresh].mean()
