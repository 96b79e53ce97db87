"""What the training script logs: how a value is taken, and what its name means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...db.records import Description
from ...known_series import known
from ..measurement import Key
from .configuration import text

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

ONE_NUMBER = "expected one number below 1.8e308, or a tensor of one element; take a mean first"
ONE_NAME = 'expected a text, or a tuple of texts such as ("norm", "layer1")'


def number(value: Any) -> float | Tensor | None:
    """A number as float, a tensor too where it is on the host, else a 0-d copy on its device.

    None: not one number, or a whole number beyond what a float can hold (1.8e308).
    """
    try:
        if isinstance(value, Tensor):
            return _of_tensor(value)
        if isinstance(value, np.ndarray | np.generic):
            value = value.item()
        return float(value)
    except Exception:  # a user's object may raise anything
        return None


def _of_tensor(value: Tensor) -> float | Tensor | None:
    if value.numel() != 1 or value.is_complex() or value.is_meta:
        return None
    value = value.detach()
    if value.device.type == "cpu":
        return float(value)
    value = value.to_local() if hasattr(value, "to_local") else value
    if not value.is_floating_point():
        return value.reshape(()).double()
    return value.reshape(()).clone() if value.element_size() > 1 else value.reshape(()).float()  # 8 bits join no others


def series_key(name: Any) -> Key | None:
    """The key of the series that a log means: a text, or a tuple of a text and its parts; None: no name.

    >>> series_key("loss"), series_key(("norm", 3)), series_key(5), series_key(b"loss")
    ('loss', ('norm', '3'), None, None)
    """
    if isinstance(name, str):
        return name
    if not isinstance(name, tuple) or not name or not isinstance(name[0], str):
        return None
    if not all(isinstance(part, str | int) for part in name[1:]):
        return None
    return (name[0], *map(str, name[1:])) if len(name) > 1 else name[0]


def got(value: Any) -> str:
    """What was given instead, in a few words."""
    return f"got {text(value)[:40]} of type {type(value).__name__}"


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
