"""What the training script logs: how a value is taken, and what its name means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ...db.records import Description
from ...known_series import known

OF_DOMAINS = {
    one.name: one
    for one in (
        Description(
            "domain_loss", "", "Mean loss of the samples of one domain, unweighted", "lower", ("domain",),
            title="Loss by domain", remedy="log losses by domain: run.log(sample_loss=losses, domain=names)",
        ),
        Description(
            "domain_share", "", "Share of the samples of a step that are of one domain: what is replayed", "neither",
            ("domain",), title="Share of samples by domain",
            remedy="log losses by domain: run.log(sample_loss=losses, domain=names)",
        ),
        Description(
            "domain_weight", "", "Weight that the loss gives to a domain", "neither", ("domain",),
            title="Weight of each domain", remedy="log the weights: run.log(domain_weight={name: weight})",
        ),
    )
}  # fmt: skip


def number(value: Any) -> float | Tensor | None:
    """A number as float, a tensor too where it is on the host, else a 0-d copy on its device; None: not one number."""
    if isinstance(value, float | int):
        return float(value)
    if isinstance(value, Tensor):
        if value.numel() != 1 or value.is_complex():
            return None
        value = value.detach()
        if value.device.type == "cpu":
            return float(value)
        value = value.to_local() if hasattr(value, "to_local") else value
        return value.reshape(()).clone() if value.is_floating_point() else value.reshape(()).double()
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def quantiles(values: Mapping[Any, Any], mean: bool) -> dict[Any, Any]:
    """`values` with the quantiles of `sample_loss` in its place, and its mean: as `loss`, or beside the loop's own.

    >>> {name: round(float(v), 2) for name, v in quantiles({"sample_loss": torch.arange(21.0)}, mean=True).items()}
    {'loss_p05': 1.0, 'loss_p50': 10.0, 'loss_p95': 19.0, 'loss': 10.0}
    """
    kept = dict(values)
    losses = torch.as_tensor(kept.pop("sample_loss")).detach().float().flatten()
    at = torch.tensor([0.05, 0.5, 0.95], device=losses.device)
    found = dict(zip(("loss_p05", "loss_p50", "loss_p95"), torch.quantile(losses, at).unbind(), strict=True))
    return kept | found | {"loss" if mean else "loss_unweighted": losses.mean()}


def logged_value(name: str, several: bool) -> Description:
    """The description of a value that the training script logs: what its name is known to mean, or suggests."""
    if name in OF_DOMAINS:
        return OF_DOMAINS[name]
    axes = ("part",) if several else ()
    found = known(name)
    return Description(
        name, found.unit, found.sentence or "Logged by the training script", found.better, axes or found.axes,
        title=found.title, remedy=found.remedy,
    )  # fmt: skip
