"""One step of one optimizer, as the signals see it; what several of them need is computed once and shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from typing import Any, TypeVar

from torch import Tensor
from torch.optim import Optimizer

from .hooks.clipping import Clip
from .hooks.forward_statistics import ForwardStatistics
from .hooks.parameter_layout import ParameterLayout
from .measurement import Moment, Parts
from .numerics.sharding import local
from .recording.step_clock import StepClock

T = TypeVar("T")


class StepContext:
    """One step of one optimizer.

    `grads` and all that follows from them are as the optimizer receives them (unscaled, clipped). Tensors stay on their
    device. `clock`: the run's; `forward`: what the forward passes of the step have shown; `closure`: whether `step()`
    was given a closure that has not run yet; `first_group`: where the optimizer's groups begin in the run's count;
    `compiled`: whether hooks would have graphs compiled anew.
    """

    def __init__(
        self,
        step: int,
        optimizer: Optimizer,
        layout: ParameterLayout,
        clips: Sequence[Clip] = (),
        *,
        scaler: Any = None,
        clock: StepClock | None = None,
        closure: bool = False,
        first_group: int = 0,
        dropped: int = 0,
        forward: ForwardStatistics | None = None,
        compiled: bool = False,
    ):
        self.step, self.optimizer, self.layout, self.clips = step, optimizer, layout, clips
        self.scaler, self.clock, self.closure = scaler, clock or StepClock(0.0), closure
        self.first_group, self.dropped, self.forward, self.compiled = first_group, dropped, forward, compiled
        self.moment = Moment.BEFORE
        self.grad_scale: Tensor | None = getattr(optimizer, "grad_scale", None)
        self.found_inf: Tensor | None = getattr(optimizer, "found_inf", None)
        self.shared: dict[Callable[..., Any], Any] = {}
        self.of_weights: dict[Callable[..., Any], Any] = {}

    def taken(self) -> None:
        """The step has been taken: quantities of the weights are computed anew."""
        self.moment = Moment.AFTER
        self.of_weights.clear()

    def state(self, make: Callable[[], T]) -> T:
        """What `make` has made, the same object at every step: where a signal keeps what it needs of earlier steps."""
        return self.layout.state(make)

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
        """The parameters that have a gradient."""
        return [self.layout.params[i] for i in self.rows]

    @cached_property
    def ids(self) -> frozenset[int]:
        """Their ids."""
        return self.layout.ids if self.rows is self.layout.all else frozenset(map(id, self.params))

    @cached_property
    def weights(self) -> list[Tensor]:
        """What this rank holds of them."""
        return [local(p) for p in self.params] if self.layout.sharded else self.params

    @cached_property
    def grads(self) -> list[Tensor]:
        """What this rank holds of their gradients."""
        grads = [p.grad for p in self.params if p.grad is not None]
        return [local(g) if self.layout.sharded or g.is_sparse else g for g in grads]

    def rank_share(self, norms: Tensor) -> Tensor:
        """Norms of tensors with a gradient [len(names)] as this rank's share: the squares of all ranks' add up."""
        roots = self.layout.roots
        if roots is None:
            return norms
        return norms / (roots if self.rows is self.layout.all else roots[list(self.rows)])


def shared(quantity: Callable[[StepContext], T]) -> Callable[[StepContext], T]:
    """Decorates a function of the context: computed when the first signal asks for it, once a step."""

    @wraps(quantity)
    def once(context: StepContext) -> T:
        known = context.shared
        if quantity not in known:
            known[quantity] = quantity(context)
        return known[quantity]

    return once


def of_weights(quantity: Callable[[StepContext], T]) -> Callable[[StepContext], T]:
    """As `shared`, of what changes with the step: once before it and once after it."""

    @wraps(quantity)
    def once(context: StepContext) -> T:
        known = context.of_weights
        if quantity not in known:
            known[quantity] = quantity(context)
        return known[quantity]

    return once
