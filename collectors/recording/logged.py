"""What the training script logs: how a value is taken, and what its name is likely to mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..evaluation.domains import SENTENCES as OF_DOMAINS
from ..signal import Signal

_KNOWN = {
    "loss": ("Training loss, mean over the tokens of the step", "lower", ""),
    "loss_p05": ("5 % of the samples of a step have a smaller loss", "lower", ""),
    "loss_p50": ("Loss of the median sample of a step", "lower", ""),
    "loss_p95": ("5 % of the samples of a step have a larger loss: the hard, the odd and the mislabelled", "lower", ""),
    "loss_unweighted": ("Unweighted mean loss of the samples, by which weighted runs are to be compared", "lower", ""),
    "tokens": ("Tokens seen since the run started", "neither", "tokens"),
}
_LOWER = ("loss", "perplexity", "ppl", "error", "bpb", "bits_per_byte")
_HIGHER = ("acc", "accuracy", "f1", "bleu", "score", "reward")


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


def describe(name: str, signal: Signal | None, several: bool) -> dict[str, Any]:
    """Fields of the description of `name`: its signal's own, or what the name says."""
    if signal is not None:
        local = " (of this rank's shard only)" if name.endswith("_local") else ""
        axes = signal.axes or (("optimizer",) if several else ())
        fields = {"unit": signal.unit, "sentence": signal.sentence + local, "better": signal.better}
        return {"name": name, "axes": axes, **fields}
    if name in OF_DOMAINS:
        sentence, better = OF_DOMAINS[name]
        return {"name": name, "axes": ("domain",), "sentence": sentence, "better": better}
    axes = ("part",) if several else ()
    if name in _KNOWN:
        sentence, better, unit = _KNOWN[name]
        return {"name": name, "axes": axes, "unit": unit, "sentence": sentence, "better": better}
    words = name.lower().replace("/", "_").split("_")
    better = "lower" if any(w in _LOWER for w in words) else "higher" if any(w in _HIGHER for w in words) else "neither"
    return {"name": name, "axes": axes, "sentence": "Logged by the training script", "better": better}
