"""Per-sample losses and their domains become one loss for each domain, without waiting for the device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .host_copy import start_copy
from .recorder import Recorder
from .run_descriptions import RunDescriptions

MOST = 256  # domains that are given by numbers only


class Domains:
    """Sums over the samples of the step under way; several calls in a step (micro-batches) add up.

    `domain_loss` is written for the domains that a step had, `domain_share` for every domain seen so far.
    """

    def __init__(self, recorder: Recorder, descriptions: RunDescriptions):
        self._recorder, self._descriptions = recorder, descriptions
        self._names: dict[str, int] = {}  # of domains given by name
        self._seen: dict[str, None] = {}  # that have had samples, in order of appearance
        self._step: int | None = None
        self._sums: Tensor | None = None

    def take(self, step: int, sample_loss: Any, domain: Any, domains: Sequence[str] | None = None) -> None:
        """Losses [n] and the domain of each: n names, or integers [n] on any device, indices into the names `domains`.

        Without names the integers themselves are the names, 0 to 255. Raises ValueError where shapes do not fit.
        """
        losses = torch.as_tensor(sample_loss).detach().float().flatten()
        ids, names = self._ids(domain, domains, losses.device)
        if len(ids) != len(losses):
            raise ValueError(f"{len(losses)} losses and {len(ids)} domains: expected one domain for each loss")
        size = len(names)
        ids = torch.where((ids < 0) | (ids >= size), size, ids)
        new = torch.zeros(2, size + 1, device=losses.device)
        new[0].index_add_(0, ids, losses)
        new[1].index_add_(0, ids, torch.ones_like(losses))
        if self._sums is not None and step == self._step:
            new[:, : self._sums.shape[1] - 1] += self._sums[:, :-1]
            new[:, -1] += self._sums[:, -1]
        self._step, self._sums = step, new
        event, host = start_copy(new, new.device)
        if event is None:
            self._write(step, names, host)
        else:

            def write() -> None:
                event.synchronize()
                self._write(step, names, host)

            self._recorder.later(write)

    def _ids(self, domain: Any, names: Sequence[str] | None, device: torch.device) -> tuple[Tensor, tuple[str, ...]]:
        if isinstance(domain, Sequence) and domain and isinstance(domain[0], str):
            for name in domain:
                self._names.setdefault(name, len(self._names))
            return torch.tensor([self._names[name] for name in domain], device=device), tuple(self._names)
        ids = torch.as_tensor(domain).detach().flatten().to(device, non_blocking=True)
        if ids.is_floating_point():
            raise ValueError(f"domains of type {ids.dtype}: expected integers, or a name for each sample")
        return ids.long(), tuple(map(str, names)) if names is not None else tuple(map(str, range(MOST)))

    def _write(self, step: int, names: tuple[str, ...], sums: Tensor) -> None:
        for name in ("domain_loss", "domain_share"):
            self._descriptions.describe(name, ("domain",))
        losses, counts = sums.tolist()
        if counts[-1]:
            what = f"{counts[-1]:.0f} samples of step {step} are of no domain"
            self._recorder.failed("domains are incomplete", ValueError(f"{what}: expected 0 to {len(names) - 1}"))
        present = {name: i for i, name in enumerate(names) if counts[i]}
        self._seen |= dict.fromkeys(present)
        for name, i in present.items():  # a frame each: the journal keeps every combination of names that it has met
            self._recorder.writer.points(step, (("domain_loss", name),), [losses[i] / counts[i]])
        count = dict(zip(names, counts, strict=False))
        shares = [count.get(name, 0.0) / max(1.0, sum(counts)) for name in self._seen]
        self._recorder.writer.points(step, tuple(("domain_share", name) for name in self._seen), shares)


def spread(values: dict[Any, Any]) -> dict[Any, Any]:
    """A mapping among the values becomes one value for each of its parts: `log(domain_weight={"web": .7, "code": .3})`.

    >>> spread({"loss": 2.0, "domain_weight": {"web": 0.7, "code": 0.3}})
    {'loss': 2.0, ('domain_weight', 'web'): 0.7, ('domain_weight', 'code'): 0.3}
    """
    if dict not in map(type, values.values()):
        return values
    found: dict[Any, Any] = {}
    for name, value in values.items():
        found |= {(name, str(part)): v for part, v in value.items()} if type(value) is dict else {name: value}
    return found
