"""What one optimizer step shows to the signals: computed on first use and shared by all that ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from .hooks.board import Board
from .hooks.clipping import Clip, heard_all
from .hooks.layout import Layout, local, replicas
from .numerics import updates
from .numerics.norms import l2
from .numerics.spikes import Scores, Spikes
from .recording.pulse import Pulse
from .signal import Moment, Parts


class Seen:
    """One step of one optimizer.

    `grads` and all that follows from them are as the optimizer receives them (unscaled, clipped); `grad_norm` and
    `unclipped_norms` are told as they were before clipping. Tensors stay on their device.
    """

    def __init__(
        self,
        step: int,
        optimizer: Optimizer,
        layout: Layout,
        clips: Sequence[Clip] = (),
        *,
        scaler: Any = None,
        pulse: Pulse | None = None,
        closure: bool = False,
        first_group: int = 0,
        dropped: int = 0,
        board: Board | None = None,
    ):
        self.step, self.optimizer, self.layout, self.clips = step, optimizer, layout, clips
        self.scaler, self.pulse, self.closure = scaler, pulse, closure
        self.first_group, self.dropped, self.board = first_group, dropped, board
        self.moment = Moment.BEFORE
        self.grad_scale: Tensor | None = getattr(optimizer, "grad_scale", None)
        self.found_inf: Tensor | None = getattr(optimizer, "found_inf", None)

    def turn(self) -> None:
        """The step has been taken: what was known of the weights no longer holds."""
        self.moment = Moment.AFTER
        for what in ("weight_norms", "sampled"):
            self.__dict__.pop(what, None)

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """Which rows of the layout have a gradient."""
        params = self.layout.params
        with_grad = [i for i in self.layout.all if params[i].grad is not None]
        return self.layout.all if len(with_grad) == len(params) else tuple(with_grad)

    @property
    def names(self) -> Parts:
        """Names of the parameters that have a gradient, in the model's order: the same tuple again and again."""
        return self.layout.subset(self.rows)

    @cached_property
    def params(self) -> list[Tensor]:
        return [self.layout.params[i] for i in self.rows]

    @cached_property
    def weights(self) -> list[Tensor]:
        return [local(p) for p in self.params] if self.layout.sharded else self.params

    @cached_property
    def grads(self) -> list[Tensor]:
        grads = [p.grad for p in self.params]
        return [local(g) if self.layout.sharded or g.is_sparse else g for g in grads]

    @cached_property
    def grad_norms(self) -> Tensor:
        """Of each tensor as the optimizer receives it [len(names)]."""
        norms = l2(self.grads)
        return norms if self.grad_scale is None else norms / self.grad_scale

    @cached_property
    def clipping_known(self) -> bool:
        """Whether the coefficient of every clipping is known, so that norms before it can be told."""
        if any(clip.total is None for clip in self.clips) or (self.layout.sharded and self.clips):
            return False
        return bool(self.clips) or (heard_all() and (not self.layout.sharded or self.layout.roots is not None))

    @cached_property
    def coefficients(self) -> Tensor | None:
        """What clipping multiplied the gradients by: 0-d where one call did it all, else [len(names)]; None: no call.

        Where a parameter was clipped several times in one step the last call counts: it saw the gradient that
        had been accumulated by then.
        """
        if self.whole_clip is not None:
            return self.whole_clip.coefficient()
        by_id = {i: clip for clip in self.clips for i in clip.ids}
        found = [by_id.get(id(p)) for p in self.params]
        if not self.clipping_known or not any(found):
            return None
        values = {id(clip): clip.coefficient() for clip in by_id.values()}
        values[id(None)] = torch.ones(())
        each = [values[id(clip)].to(self.layout.device) for clip in found]
        return each[0] if all(clip is found[0] for clip in found) else torch.stack(each)

    @cached_property
    def unclipped_norms(self) -> Tensor:
        """Of each tensor as it was before clipping [len(names)]: seen / coefficient."""
        return self.grad_norms if self.coefficients is None else self.grad_norms / self.coefficients

    @cached_property
    def returned_norm(self) -> Tensor | None:
        """The global norm that clipping itself has computed, where one call of order 2 covered just these tensors."""
        clip = self.whole_clip
        if clip is None or clip.kind != 2.0:
            return None
        return clip.total if clip.scale is None else clip.total / clip.scale

    @cached_property
    def grad_norm(self) -> Tensor | None:
        """Global norm before clipping, 0-d, or this rank's share of it (see `shared`); None where it is not known."""
        if self.returned_norm is not None:
            return self.returned_norm
        if not self.clipping_known:
            return self._clipped_share
        return torch.linalg.vector_norm(self.shared(self.unclipped_norms))

    @property
    def _clipped_share(self) -> Tensor | None:
        """Of many ranks' shards: this rank's share of the norm that one clipping of just these tensors has computed."""
        clip = self.clips[0] if len(self.clips) == 1 and self.layout.roots is not None else None
        if clip is None or clip.total is None or clip.kind != 2.0 or self._ids != set(clip.ids):
            return None
        share = local(clip.total) / replicas(clip.total) ** 0.5
        return share if clip.scale is None else share / local(clip.scale)

    def shared(self, norms: Tensor) -> Tensor:
        """Norms of tensors with a gradient [len(names)] as this rank's share: the squares of all ranks' add up."""
        roots = self.layout.roots
        if roots is None:
            return norms
        return norms / (roots if self.rows is self.layout.all else roots[list(self.rows)])

    @cached_property
    def spikes(self) -> Scores | None:
        """How far each tensor's gradient elements are from their usual size. Raises NotMeasured."""
        return self.layout.keep(Spikes).look(self)

    @cached_property
    def sampled(self) -> Tensor:
        """A fixed sample of the weights, at the moment it is first asked for."""
        return self.layout.sample.of(self.layout.weights())

    @cached_property
    def weight_norms(self) -> Tensor:
        """Of each tensor that has a gradient, at the moment it is first asked for [len(names)]."""
        return l2(self.weights)

    @cached_property
    def update_norms(self) -> Tensor:
        """Length of each tensor's step [len(names)], rebuilt from the optimizer's state. Raises NotMeasured."""
        return updates.norms(self)

    @cached_property
    def _ids(self) -> frozenset[int]:
        return self.layout.ids if self.rows is self.layout.all else frozenset(map(id, self.params))

    @cached_property
    def whole_clip(self) -> Clip | None:
        """The last clipping, where it covered just the tensors of this optimizer that have a gradient."""
        clip = self.clips[-1] if self.clips and self.clipping_known else None
        return clip if clip is not None and self._ids == set(clip.ids) else None
