"""What the training script logs: each value at its step, means over micro-batches, tokens, losses by domain."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from ...families import largest
from .domains import Domains, spread
from .guarded import guarded
from .logged_values import number, quantiles
from .recorder import warn
from .run_record import RunRecord

MANY = 1000  # names by which a run logs: more are a mistake, and slow
ONE_NUMBER = "expected one number, or a tensor of one element; take a mean first"


class TrainingLog:
    """The log of one run; `loss_shared(step, loss)`, if given, receives the losses for the other ranks.

    `hooked()` says whether an optimizer's hooks count the steps; else the logs do.
    """

    def __init__(self, record: RunRecord, hooked: Callable[[], bool]):
        self.record, self._hooked = record, hooked
        self.loss_shared: Callable[[int, Any], None] | None = None
        self.last_loss: Any = None
        self._own_loss = False  # the loop logs a loss beside those of single samples
        self._first_tokens: tuple[int, Any] | None = None
        self._known: set[Any] = set()  # keys that are described
        self._domains = Domains(record.recorder, record.descriptions)

    @property
    def diverged(self) -> bool:
        """Whether the last loss is not finite."""
        return self.last_loss is not None and not math.isfinite(float(self.last_loss))

    @guarded
    def log(self, values: Mapping[Any, Any], step: int | None, split: str | None, tokens: Any) -> None:
        """Records the values of one step (see `LiveRun.log`)."""
        values = spread(dict(values))
        domains = {name: values.pop(name) for name in ("domain", "domains") if name in values}
        samples = values.get("sample_loss")
        trained = split is None or split == "train"
        self._own_loss |= trained and "loss" in values
        if "sample_loss" in values:
            values = quantiles(values, mean="loss" not in values and not (trained and self._own_loss))
        if split is not None and not trained:
            self._log_split(values, split, step)
            return
        at = self._log_step(values, step, number(tokens) if tokens is not None else None)
        if "domain" in domains and samples is not None:
            self._domains.take(at, samples, **domains)

    def _log_step(self, values: Mapping[Any, Any], step: int | None, tokens: float | Tensor | None) -> int:
        """Records values of training; returns the last step that they belong to."""
        record, counter, hooked = self.record, self.record.counter, self._hooked()
        kept = {name: value if type(value) is float else number(value) for name, value in values.items()}
        for name in [name for name, value in kept.items() if value is None]:
            del kept[name]
            record.failed(f"log({name}=...) is not recorded", ValueError(ONE_NUMBER))
        names = tuple(kept) if kept else ("tokens",)
        if step is not None:
            if counter.name_step(int(step), names[0]) or int(step) < record.writer.from_step:
                self._roll_back(int(step))
        elif not hooked:
            counter.next_log(names)
        rows = counter.rows(kept, tokens)
        self.last_loss = kept.get("loss", self.last_loss)
        if tokens is not None:
            at = counter.step_of(names[0])
            self._count_tokens(at, tokens)
            rows.setdefault(at, {})["tokens"] = counter.add_tokens(tokens)
        for at, row in rows.items():
            if "loss" in row and self.loss_shared is not None:
                self.loss_shared(at, row["loss"])
            if not hooked and at != record.clock.step:
                record.tick(at)
                row["time"] = record.clock.elapsed
            for name in row.keys() - self._known:
                self._new(name, at)
            record.recorder.named(at, row)
        return max(rows, default=counter.done)

    def _new(self, name: Any, step: int) -> None:
        """A name's first value: it is described; from the MANY-th on it is not, and the timeline says why."""
        self._known.add(name)
        if len(self._known) < MANY:
            self.record.item(name, None)
        elif len(self._known) == MANY:
            alike, count = largest(self._known)
            text = (
                f"{MANY:,} names are logged by now, {count:,} of them like {alike!r}: where a step is in the name, "
                "log one name with step=; where an index is, log (name, index)"
            )
            self.record.event("names", text, step=step)
            warn(text)

    def _log_split(self, values: Mapping[Any, Any], split: str, step: int | None) -> None:
        record = self.record
        at = record.counter.done if step is None else int(step)
        items = []
        for name, value in values.items():
            kept = number(value)
            if kept is None:
                record.failed(f"log({name}=...) is not recorded", ValueError(ONE_NUMBER))
            else:
                items.append(record.item(name if str(name).startswith(split) else f"{split}_{name}", kept))
        record.recorder.add(at, items)

    def _roll_back(self, step: int) -> None:
        self.record.recorder.flush()
        self.record.writer.begin_attempt(step - 1)
        self.record.event("restart", f"Steps go back: a new attempt from step {step}", step=step - 1)

    def _count_tokens(self, at: int, tokens: Any) -> None:
        """Writes down how many tokens a step has, once its first step with tokens is complete."""
        counter, writer = self.record.counter, self.record.writer
        if self._first_tokens is None:
            self._first_tokens = at, counter.tokens or 0
        elif self._first_tokens[0] >= 0 and at > self._first_tokens[0]:
            first, before = self._first_tokens
            self._first_tokens = -1, None
            per_step = (counter.tokens - before) / (at - first)
            self.record.recorder.later(lambda: writer.update(tokens_per_step=float(per_step)))
