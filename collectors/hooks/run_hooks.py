"""The hooks of one run: those of its optimizers, what its forward passes show, and its planned learning rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from ...db.records import Plan
from ..distributed.shared_signals import SharedSignals
from ..due_signals import DueSignals
from ..measurement import Item, NotMeasured
from ..recording.provenance import describe_optimizer
from ..recording.recorder import warn
from ..recording.run_record import RunRecord
from ..schedule.planner import Planner
from ..schedule.projection import knots
from ..signal import Signal
from ..step_context import StepContext
from . import intercept
from .attention import show as show_attention
from .compilation import Compilation
from .cross_entropy import show as show_logits
from .forward_statistics import ForwardStatistics
from .optimizer import OptimizerHooks
from .parameter_layout import ParameterLayout
from .successor import Successor


class MakePlanner(Protocol):
    """Makes the planner of a run, given where plans and sentences go."""

    def __call__(self, *, publish: Callable[..., None], say: Callable[[str], None]) -> Planner: ...


class RunHooks:
    """Puts hooks on and takes them off again; what they see goes to `record`."""

    def __init__(self, record: RunRecord, due: DueSignals):
        self.record, self.due_signals = record, due
        self.joined: SharedSignals | None = None
        """Of many ranks that record one run."""
        self.optimizers: list[OptimizerHooks] = []
        self._resting: list[OptimizerHooks] = []  # others have their places
        self._steps = 0
        self._first_group: list[int] = []  # of each optimizer: where its groups begin in the run's count
        self._planner: Planner | None = None
        self._successor: Successor | None = None
        self._forward: ForwardStatistics | None = None
        self._compilation = Compilation(None)
        self._unmeasured: dict[str, list[str]] = {}  # reason -> signals, since the last row
        self._stop_listening: Callable[[], object] = bool

    def attach(self, optimizers: Sequence[Optimizer], model: nn.Module | None, scaler: Any, plan: MakePlanner) -> None:
        """Puts the hooks on; the first optimizer's steps are the run's steps."""
        self._compilation = Compilation(model)
        for index, optimizer in enumerate(optimizers):
            part = (str(index),) if len(optimizers) > 1 else None
            self._first_group.append(sum(len(o.param_groups) for o in optimizers[:index]))
            self.optimizers.append(OptimizerHooks(self, index, optimizer, model, scaler, part))
        if optimizers:
            self._successor = Successor(lambda: self.optimizers, self._replace, partial(self.failed, None))
        if self.due_signals.forward_every and optimizers:
            self._forward = ForwardStatistics(model, self._forward_due, self.record.failed)
            self._stop_listening = intercept.listen(self._forward)
        self._planner = plan(publish=self._publish, say=lambda text: self.record.event("plan", text))

    @property
    def steps(self) -> int | None:
        """How often the first optimizer has stepped; None where none is watched."""
        return self._steps if self.optimizers else None

    def close(self) -> None:
        """Takes everything off."""
        if self._successor is not None:
            self._successor.close()
        for hooks in (*self.optimizers, *self._resting):
            hooks.detach()
        self._stop_listening()
        if self.joined is not None:
            self.joined.close()
        if self._forward is not None:
            self._forward.close()
        self.optimizers, self._resting, self._planner, self._forward = [], [], None, None

    def attention(self, q: Tensor, k: Tensor, layer: str, scale: float | None, mask: Any, is_causal: bool) -> None:
        if self._forward is not None:
            show_attention(q, k, getattr(mask, "mask_mod", mask), is_causal, scale, layer)

    def logits(self, logits: Tensor, targets: Tensor | None, ignore_index: int) -> None:
        if self._forward is not None:
            show_logits(logits if logits.dim() < 3 else logits.movedim(-1, 1), targets, ignore_index)

    @property
    def parameters(self) -> list[Tensor]:
        """All that is trained."""
        return [p for hooks in self.optimizers for group in hooks.optimizer.param_groups for p in group["params"]]

    @property
    def layouts(self) -> list[ParameterLayout]:
        return [hooks.layout for hooks in self.optimizers if hooks.layout is not None]

    # -- what the hooks of an optimizer call ----------------------------------------------------------------------

    @property
    def shares_signals(self) -> bool:
        return self.joined is not None

    def rank_roots(self, layout: ParameterLayout) -> Tensor | None:
        return self.joined.roots(layout) if self.joined is not None else None

    def due(self, main: bool, step: int) -> Sequence[tuple[Signal, bool]]:
        return self.due_signals.at(step, main, self._forward is not None and not self._forward.empty)

    def open_step(self, index: int) -> tuple[int, dict[str, Any]]:
        counter = self.record.counter
        step = counter.done + 1 if index == 0 else counter.step_beside(index)
        if index == 0 and self._planner is not None:
            self._planner.before_step(step)
        return step, {
            "clock": self.record.clock, "first_group": self._first_group[index],
            "dropped": self.record.recorder.dropped, "forward": self._forward if index == 0 else None,
            "compiled": self._compilation.at_work,
        }  # fmt: skip

    def close_step(self, index: int, context: StepContext) -> None:
        if index == 0:
            self._complete(context.step)

    def row(self, context: StepContext, items: list[Item]) -> None:
        if self.record.closed:
            return
        for reason, names in self._unmeasured.items():
            self.record.event("not measured", f"{', '.join(names)}: {reason}", step=context.step)
        self._unmeasured = {}
        if self.joined is not None:
            items = self.joined.row(context.step, context.layout, items)
        for name, parts, _ in items:
            self.record.descriptions.describe(name, parts)
        self.record.recorder.add(context.step, items)
        if context.forward is not None:
            context.forward.clear()

    def failed(self, signal: Signal | None, problem: Exception) -> None:
        if signal is None:
            self.record.failed("recording an optimizer step failed", problem)
            return
        self.due_signals.switch_off(signal)
        if isinstance(problem, NotMeasured):
            self._unmeasured.setdefault(str(problem), []).append(signal.name)
        else:
            self.record.failed(f"signal {signal.name} is off from here on", problem)

    # -- helpers --------------------------------------------------------------------------------------------------

    def _complete(self, step: int) -> None:
        """A step of the run has ended."""
        self._steps += 1
        self.record.counter.complete()
        self.record.tick(step)
        if self.joined is not None:
            self.joined.lap(step, self.record.clock.step_time)

    def _replace(self, index: int, optimizer: Optimizer) -> None:
        """Another optimizer has stepped in the place of a watched one: its steps count, this one too."""
        record, hooks = self.record, self.optimizers[index]
        kind, other = type(hooks.optimizer).__name__, type(optimizer).__name__
        since = f" since step {record.counter.done:,}" if hooks.layout is not None else ""
        text = (
            f"{kind}, which is watched, has not stepped{since}: {'another ' * (kind == other)}{other} steps its "
            f"parameters, and its steps count from here on"
        )
        others = next((one for one in self._resting if one.optimizer is optimizer), None) or hooks.twin(optimizer)
        self._resting = [one for one in (*self._resting, hooks) if one is not others]
        hooks.hand_over(others)
        self.optimizers[index] = others
        if index == 0:
            self._complete(record.counter.done + 1)
            if self._planner is not None:
                self._planner.follow(optimizer)
        record.event("optimizer", text)
        warn(text)
        record.recorder.later(partial(self._describe, index, optimizer))

    def _describe(self, index: int, optimizer: Optimizer) -> None:
        """Puts an optimizer into the run's provenance."""
        writer = self.record.writer
        known = list(writer.run.provenance.get("optimizers", ()))
        known[index : index + 1] = [describe_optimizer(optimizer)]
        writer.update(provenance=writer.run.provenance | {"optimizers": known})

    def _forward_due(self) -> bool:
        return self.due_signals.forward_due(self.record.counter.done + 1)

    def _publish(self, group: str, steps: Any, values: Any, origin: str, made_at: int) -> None:
        def write() -> None:
            at, rates = knots(steps, values)
            plan = Plan(steps=at, values=rates, group=group, origin=origin, made_at=made_at)
            self.record.writer.plan(plan)

        self.record.recorder.later(write)
