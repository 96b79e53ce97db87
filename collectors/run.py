"""A run that is being recorded: the verbs of the training script."""

from __future__ import annotations

import atexit
import contextlib
import math
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from .. import db
from .distributed.ranks import Ranks
from .distributed.shares import Shares
from .evaluation.domains import Domains, spread
from .evaluation.tasks import Tasks
from .hooks import intercept
from .hooks.attention import show as show_attention
from .hooks.board import Board
from .hooks.cross_entropy import show as show_logits
from .hooks.optimizer import Item, Tracker
from .presets import cadences
from .recording.logged import describe, number, quantiles
from .recording.pulse import Pulse
from .recording.recorder import Recorder
from .recording.safely import safely
from .recording.steps import Ledger
from .schedule.plan import knots
from .schedule.planner import Planner
from .signal import NotMeasured, Price, Signal
from .signals import discover
from .step_context import Seen

ONE_NUMBER = "expected one number, or a tensor of one element; take a mean first"


class LiveRun(Tasks):
    """What `watch` returns. Also a context manager: leaving it ends the run, by an exception as stopped."""

    def __init__(self, recorder: Recorder | None, *, total_steps: int | None = None, preset: str = "standard"):
        """`recorder` None: nothing is recorded (another rank does it, or the store cannot be written)."""
        self._recorder, self._total = recorder, total_steps
        self._over = recorder is None
        self.id = self.name = ""
        self._pid = os.getpid()
        self._trackers: list[Tracker] = []
        self._first_group: list[int] = []  # of each optimizer: where its groups begin in the run's count
        self._planner: Planner | None = None
        self._board: Board | None = None
        self._deaf: Callable[[], None] = bool  # ends what the board hears
        self._last_loss: Any = None
        self._own_loss = False  # the loop logs a loss beside those of single samples
        self._first_tokens: tuple[int, Any] | None = None
        self.shares: Shares | None = None  # of many ranks
        self._described: set[str] = set()
        self._known: set[Any] = set()  # keys of logged values that are described
        self._begin_tasks()
        if recorder is None:
            return
        run = recorder.writer.run
        self.id, self.name = run.id, run.name
        begun = run.tokens_per_step * recorder.writer.from_step if run.tokens_per_step else None
        self._ledger = Ledger(recorder.writer.from_step, begun)
        self._pulse = Pulse(run.started)
        self._clock_zero = time.time() - time.perf_counter()  # wall time that no clock correction turns back
        prices = cadences(preset)
        self._signals = discover()
        self._domains = Domains(recorder, self._of_domains)
        self._active: list[tuple[Signal, int]] = [(s, prices[s.price]) for s in self._signals.values()]
        self._cadences = sorted(set(prices.values()) - {0})
        self._looks_every = prices[Price.LOOK]
        self._agendas: dict[tuple, list[tuple[Signal, bool]]] = {}
        atexit.register(self._at_exit)

    def share(self, ranks: Ranks) -> None:
        """This rank's run is one with that of the other ranks; all but rank 0 measure only what is shared."""
        if ranks.rank:
            self._active = [(signal, every) for signal, every in self._active if signal.across]
        self.shares = Shares(ranks, self, self._recorder.writer, self._signals)

    def attach(self, optimizers: Sequence[Any], model: Any, scaler: Any, planner: Callable[..., Planner]) -> None:
        """Puts the hooks on; the first optimizer's steps are the run's steps."""
        if self._over:
            return
        for index, optimizer in enumerate(optimizers):
            part = (str(index),) if len(optimizers) > 1 else None
            self._first_group.append(sum(len(o.param_groups) for o in optimizers[:index]))
            self._trackers.append(Tracker(self, index, optimizer, model, scaler, part))
        if self._looks_every and optimizers:
            self._board = Board(model, self._looks, self._recorder.failed)
            self._deaf = intercept.listen(self._board)
        self._planner = planner(publish=self._publish, say=lambda text: self.event("plan", text))

    # -- the verbs ------------------------------------------------------------------------------------------------

    @safely
    def log(
        self, values: Mapping[Any, Any] | None = None, /, *, step: int | None = None, split: str | None = None,
        tokens: Any = None, **named: Any,
    ) -> None:  # fmt: skip
        """Records values of the step: numbers or tensors of one element (no `.item()` needed, it would wait).

        Which step: the one to come or the one just done, decided by the first log of a name (see `steps.py`); or
        `step`, and a step behind the last one begins a new attempt. Several logs of a name in one step become their
        mean, weighted by `tokens`; tokens of all ranks of this call add up. With `split`, e.g. "val", it is a series
        of its own, with the steps at which it was logged. Keys of the mapping may be (signal, part) tuples.

        `sample_loss`, a tensor with the loss of each sample, is recorded by its 5, 50 and 95 % quantiles `loss_p05`,
        `loss_p50` and `loss_p95`, and by its mean as `loss`; as `loss_unweighted` where the loop logs a loss itself.
        With `domain`, a name for each sample, or integers that are indices into the names `domains`, also by domain
        (see `domains.py`). A dict is recorded by its parts: `run.log(domain_weight={"web": 0.7, "code": 0.3})`.
        """
        values = spread({**values, **named} if values else named)
        domains = {name: values.pop(name) for name in ("domain", "domains") if name in values}
        samples = values.get("sample_loss")
        trained = split is None or split == "train"
        self._own_loss |= trained and "loss" in values
        if "sample_loss" in values:
            values = quantiles(values, mean="loss" not in values and not (trained and self._own_loss))
        if not trained:
            self._log_split(values, split, step)
            return
        kept = {name: value if type(value) is float else number(value) for name, value in values.items()}
        for name in [name for name, value in kept.items() if value is None]:
            del kept[name]
            self._recorder.failed(f"log({name}=...) is not recorded", ValueError(ONE_NUMBER))
        tokens = number(tokens) if tokens is not None else None
        names = tuple(kept) if kept else ("tokens",)
        if step is not None:
            if self._ledger.name_step(int(step), names[0]) or int(step) < self._recorder.writer.from_step:
                self._roll_back(int(step))
        elif not self._trackers:
            self._ledger.next_log(names)
        rows = self._ledger.rows(kept, tokens)
        self._last_loss = kept.get("loss", self._last_loss)
        if tokens is not None:
            at = self._ledger.step_of(names[0])
            self._count_tokens(at, tokens)
            rows.setdefault(at, {})["tokens"] = self._ledger.add_tokens(tokens)
        for at, row in rows.items():
            if "loss" in row and self.shares is not None:
                self.shares.loss(at, row["loss"])
            if not self._trackers and at != self._pulse.step:
                self._tick(at)
                row["time"] = self._pulse.elapsed
            for name in row.keys() - self._known:
                self._item(name, None)
                self._known.add(name)
            self._recorder.named(at, row)
        if "domain" in domains and samples is not None:
            self._domains.take(max(rows), samples, **domains)

    @safely
    def event(self, kind: str, text: str = "", *, step: int | None = None, **data: Any) -> None:
        """Puts a dated note on the run's timeline: `run.event("data", "switched to code")`."""
        if kind == "data":
            self._reach("boundary")
        at = self._ledger.done if step is None else int(step)
        self._recorder.writer.event(db.Event(step=at, kind=kind, text=str(text), time=time.time(), data=data))

    def attention(
        self, q: Tensor, k: Tensor, *, layer: str, scale: float | None = None, mask: Any = None, is_causal: bool = False
    ) -> None:
        """Shows one call of attention that is not seen by itself (which are: see `attention.py`), in the forward pass.

        Queries [batch, heads, L, E] and keys [batch, key heads, S, E] as they meet: rotated, normed. `mask`: True where
        visible, or what is added to the logits; or a block mask, or its function. Does nothing but in sampled steps.
        """
        if self._board is not None:
            show_attention(q, k, getattr(mask, "mask_mod", mask), is_causal, scale, layer)

    def logits(self, logits: Tensor, targets: Tensor | None = None, *, ignore_index: int = -100) -> None:
        """Shows output logits [..., classes] (some rows will do) that no `F.cross_entropy` sees, e.g. of a fused loss.

        Where the class in `targets` [...] is `ignore_index` they do not count. Does nothing but in sampled steps.
        """
        if self._board is not None:
            show_logits(logits if logits.dim() < 3 else logits.movedim(-1, 1), targets, ignore_index)

    @property
    def over(self) -> bool:
        """Whether the run has ended, or was never recorded here."""
        return self._over

    @property
    def step(self) -> int:
        """The last completed step."""
        return 0 if self._recorder is None else self._ledger.done

    @property
    def should_stop(self) -> bool:
        """Whether somebody, or a rule of the dashboard, has asked this run to stop: a loop that heeds it breaks.

        Only the recording rank knows, and on a network file system nobody.
        """
        return not self._over and self._recorder.writer.stop_requested()

    @property
    def stop_reason(self) -> str:
        """Why the run was asked to stop; "" while it was not."""
        return "" if self._recorder is None else self._recorder.writer.stop_reason

    def finish(self, state: str | None = None) -> None:
        """Ends the run: hooks off, all that was measured written. A second call does nothing.

        `state` None: diverged where the last loss is not finite, stopped where a stop was asked for, else finished.
        """
        if self._over or os.getpid() != self._pid:
            return
        if state is None:
            state = "stopped" if self.should_stop else "finished"
        if state != "stopped":
            self._reach("end")
        if self.stop_reason:
            self.event("stop", self.stop_reason)
        with contextlib.suppress(Exception):
            if self._last_loss is not None and not math.isfinite(float(self._last_loss)):
                state = "diverged"
        for tracker in self._trackers:
            tracker.detach()
        self._deaf()
        if self.shares is not None:
            self.shares.close()
        if self._board is not None:
            self._board.close()
            self._board = None
        self._over = True
        self._trackers, self._planner = [], None
        atexit.unregister(self._at_exit)
        self._recorder.end(state)

    def __enter__(self) -> LiveRun:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, _: Any) -> None:
        if problem is not None and isinstance(problem, Exception):
            self.event("exception", f"{kind.__name__}: {problem}"[:500])
        self.finish(None if problem is None else "stopped")

    # -- what the hooks call --------------------------------------------------------------------------------------

    def agenda(self, main: bool, step: int) -> list[tuple[Signal, bool]]:
        first = step == self._recorder.writer.from_step + 1
        seen = self._board is not None and not self._board.empty
        phase = main, first, seen, *(step % n == 0 for n in self._cadences)
        if phase not in self._agendas:
            due = [
                (s, seen if s.price is Price.LOOK else bool(n) and (first or step % n == 0))
                for s, n in self._active
                if main or not s.of_run
            ]
            self._agendas[phase] = [(s, not now) for s, now in due if now or s.free]
        return self._agendas[phase]

    def open_step(self, index: int) -> tuple[int, dict[str, Any]]:
        step = self._ledger.done + 1 if index == 0 else self._ledger.step_beside(index)
        if index == 0:
            self._planner.before_step(step)
        return step, {
            "pulse": self._pulse, "first_group": self._first_group[index], "dropped": self._recorder.dropped,
            "board": self._board if index == 0 else None,
        }  # fmt: skip

    def close_step(self, index: int, seen: Seen) -> None:
        if index == 0:
            self._ledger.complete()
            self._tick(seen.step)
            if self.shares is not None:
                self.shares.lap(seen.step, self._pulse.step_time)

    def row(self, seen: Seen, items: list[Item]) -> None:
        if os.getpid() != self._pid:
            return
        if self.shares is not None:
            items = self.shares.row(seen.step, seen.layout, items)
        for name, parts, _ in items:
            self.describe(name, parts)
        self._recorder.add(seen.step, items)
        if seen.board is not None:
            seen.board.clear()

    def failed(self, signal: Signal | None, problem: Exception) -> None:
        if signal is None:
            self._recorder.failed("recording an optimizer step failed", problem)
            return
        self._active = [(s, n) for s, n in self._active if s is not signal]
        self._agendas.clear()
        if isinstance(problem, NotMeasured):
            self.event("not measured", f"{signal.name}: {problem}")
        else:
            self._recorder.failed(f"signal {signal.name} is off from here on", problem)

    def describe(self, name: str, parts: Any) -> None:
        """Says what a signal means, once."""
        if name not in self._described:
            self._describe(name, parts)

    def _looks(self) -> bool:
        """Whether forward passes are looked at in the step that is under way."""
        step = self._ledger.done + 1
        return step % self._looks_every == 0 or step == self._recorder.writer.from_step + 1

    # -- helpers --------------------------------------------------------------------------------------------------

    def _tick(self, step: int) -> None:
        self._pulse.tick(self._clock_zero + time.perf_counter(), step, self._ledger.tokens)

    def _item(self, name: Any, value: Any) -> Item:
        base, parts = (name[0], tuple(name[1:])) if isinstance(name, tuple) else (name, None)
        if base not in self._described:
            self._describe(base, parts)
        return name, None, value

    def _describe(self, name: str, parts: Any) -> None:
        self._described.add(name)
        signal = self._signals.get(name.removesuffix("_local"))
        fields = describe(name, signal, several=parts is not None)
        self._recorder.writer.describe(db.Description(**fields))

    def _of_domains(self, name: str) -> None:
        if name not in self._described:
            self._describe(name, ("domain",))

    def _log_split(self, values: Mapping[Any, Any], split: str, step: int | None) -> None:
        at = self._ledger.done if step is None else int(step)
        items = []
        for name, value in values.items():
            kept = number(value)
            if kept is None:
                self._recorder.failed(f"log({name}=...) is not recorded", ValueError(ONE_NUMBER))
            else:
                items.append(self._item(name if str(name).startswith(split) else f"{split}_{name}", kept))
        self._recorder.add(at, items)

    def _roll_back(self, step: int) -> None:
        self._recorder.flush()
        self._recorder.writer.attempt(step - 1)
        self.event("restart", f"Steps go back: a new attempt from step {step}", step=step - 1)

    def _count_tokens(self, at: int, tokens: Any) -> None:
        """Tells the run how many tokens a step has, once its first step with tokens is complete."""
        if self._first_tokens is None:
            self._first_tokens = at, self._ledger.tokens or 0
        elif self._first_tokens[0] >= 0 and at > self._first_tokens[0]:
            first, before = self._first_tokens
            self._first_tokens = -1, None
            per_step = (self._ledger.tokens - before) / (at - first)
            self._recorder.later(lambda: self._recorder.writer.update(tokens_per_step=float(per_step)))

    def _publish(self, group: str, steps: Any, values: Any, origin: str, made_at: int) -> None:
        def write() -> None:
            at, rates = knots(steps, values)
            plan = db.Plan(steps=at, values=rates, group=group, origin=origin, made_at=made_at)
            self._recorder.writer.plan(plan)

        self._recorder.later(write)

    def _at_exit(self) -> None:
        """The interpreter ends and nobody has finished the run: an exception, or steps still to go, mean stopped."""
        failed = getattr(sys, "last_value", None) is not None
        early = self._total is not None and self.step < self._total
        self.finish("stopped" if failed or early else None)
