"""What the training script logs: each value at its step, means over micro-batches, tokens, losses by domain."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from ...families import largest
from ..measurement import Key
from .configuration import text as written
from .domains import Domains, spread
from .guarded import guarded
from .logged_values import ONE_NAME, ONE_NUMBER, got, number, quantiles, series_key
from .named_steps import NamedSteps, Placed
from .recorder import warn
from .run_record import FARTHEST, RunRecord
from .standstill import Standstill, Waiting

MANY = 1000  # names by which a run logs: more are a mistake, and slow
CLOCK = "time"  # the run's own, in every run
SAME = ("lr", "grad_norm")  # what loops log of them is what hooks measure


class TrainingLog:
    """The log of one run; `shared(step, row)`, if given, shows a row to the other ranks and says what to record of it.

    `steps()`: how many steps an optimizer's hooks have counted; None where there are none, and the logs count.
    """

    def __init__(self, record: RunRecord, steps: Callable[[], int | None]):
        self.record, self._standstill = record, Standstill(steps)
        self.shared: Callable[[int, dict[Any, Any]], dict[Any, Any]] | None = None
        self.last_loss: Any = None
        self._behind = False  # the loop's steps stay behind those that are counted, and it was said
        self._own_loss = False  # the loop logs a loss beside those of single samples
        self._first_tokens: tuple[int, Any] | None = None
        self._known: set[Any] = set()  # keys that are described
        self._keys: dict[Any, Key | None] = {}  # of each name that was logged
        self._named = NamedSteps(record.counter, record.writer.from_step)
        self._lock = threading.RLock()  # several threads may log: a step is named and recorded by one at a time
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
        named = None if step is None else self.record.step(step, FARTHEST)
        with self._lock:
            at = self._log_step(self._kept(values), None if named == FARTHEST else named, self._counted(tokens))
        if "domain" in domains and samples is not None:
            self._domains.take(at, samples, **domains)

    def _kept(self, values: Mapping[Any, Any]) -> dict[Any, float | Tensor]:
        """What of a log can be recorded, by the key of its series; each other item is named."""
        kept = {}
        for name, value in values.items():
            key = self._keys[name] if name in self._keys else self._key(name)
            found = value if type(value) is float else number(value)
            if key is not None and found is not None:
                kept[key] = found
            elif key is not None:
                problem = ValueError(f"{got(value)}: {ONE_NUMBER}")
                self.record.failed(f"log({written(name)[:80]}=...) is not recorded", problem)
        return kept

    def _key(self, name: Any) -> Key | None:
        """The key of the series that a name means from now on; None, and a warning, where it is no name."""
        key = series_key(name)
        if key is None:
            self.record.failed(
                f"log({{{written(name)[:80]}: ...}}) is not recorded", ValueError(f"{got(name)}: {ONE_NAME}")
            )
        elif key == CLOCK or (
            key not in SAME and key in self.record.descriptions.signals and self._standstill.hooked()
        ):
            renamed = f"logged_{key}"
            self.record.event("names", f"{key} is recorded as {renamed}: the run measures its own {key}")
            if key == CLOCK:
                warn(f"log({key}=...) is recorded as {renamed}: {key} is the run's own clock")
            key = renamed
        self._keys[name] = key
        return key

    def _counted(self, tokens: Any) -> float | Tensor | None:
        found = number(tokens) if tokens is not None else None
        if tokens is not None and found is None:
            self.record.failed("log(tokens=...) is not counted", ValueError(f"{got(tokens)}: {ONE_NUMBER}"))
        return found

    def _log_step(self, kept: dict[Any, float | Tensor], step: int | None, tokens: float | Tensor | None) -> int:
        """Records values of training; returns the last step that they belong to."""
        record, counter, hooked = self.record, self.record.counter, self._standstill.hooked()
        names = tuple(kept) if kept else ("tokens",)
        late = False
        if step is not None:
            late = self._name_step(step, names)
            rows = counter.named_row(step, kept, tokens, late)
        else:
            if not hooked:
                counter.next_log(names)
            rows = counter.rows(kept, tokens)
        at = max(rows, default=counter.done)
        if not late:
            self.last_loss = kept.get("loss", self.last_loss)
        if tokens is not None:
            now = counter.step_of(names[0])
            self._count_tokens(now, tokens)
            rows.setdefault(now, {})["tokens"] = counter.add_tokens(tokens)
        for row_step, row in rows.items():
            if self.shared is not None:
                row = self.shared(row_step, row)
            if not hooked and (record.clock.step is None or row_step > record.clock.step):
                record.tick(row_step)
                row["time"] = record.clock.elapsed
            for name in row.keys() - self._known:
                self._new(name, row_step)
            record.recorder.named(row_step, row)
        if hooked and step is None and self._standstill.add(Waiting(kept, tokens, counter.tokens)):
            self._part_logs()
        return at

    @guarded
    def end(self) -> None:
        """No more logs come."""
        with self._lock:
            if self._standstill.at_end():
                self._part_logs()

    def _part_logs(self) -> None:
        """The optimizer does not step: each log since its last step is recorded as a step of its own."""
        record, counter, logs = self.record, self.record.counter, self._standstill.release()
        counter.count_logs()
        text = (
            f"the watched optimizer has not stepped for {len(logs):,} logs, and no other was seen to step its "
            f"parameters: each log is a step of its own from step {counter.done:,} on"
        )
        for values, tokens, total in logs:
            counter.next_log(tuple(values))
            for at, row in counter.rows(values, tokens).items():
                record.recorder.named(at, row if total is None else {**row, "tokens": total})
        record.event("optimizer", text)
        warn(text)

    def _name_step(self, step: int, names: tuple[Any, ...]) -> bool:
        """The loop names a step: the run moves on to it, or goes back to it; True when the values are late."""
        counter, before = self.record.counter, self._named.front
        placed = self._named.place(step, names)
        if placed is Placed.LATE:
            if before is None and "loss" in names and not self._behind:
                self._behind = True
                text = (
                    f"the loss is logged at step {step:,} when {counter.done:,} steps are done: where the loop counts "
                    "something else than steps, such as epochs, leave step= out"
                )
                self.record.event("steps", text)
                warn(text)
            return True
        if placed is Placed.BACK:
            self._roll_back(step)
        counter.reach(step, names[0], anew=before is None or placed is Placed.BACK)
        return False

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
        at = record.step(step, record.counter.done)
        items = []
        for name, value in self._kept(values).items():
            first, *parts = (name,) if isinstance(name, str) else name
            first = first if first.startswith(split) else f"{split}_{first}"
            items.append(record.item((first, *parts) if parts else first, value))
        record.recorder.add(at, items)

    def _roll_back(self, step: int) -> None:
        record, left = self.record, self.record.counter.done
        record.counter.go_back(step)
        record.clock.restart()
        record.recorder.begin_attempt(step - 1)
        text = f"Steps go back from {left:,} to {step:,}: a new attempt begins there"
        record.event("restart", text, step=step - 1)
        warn(f"{text[0].lower()}{text[1:]}; what was recorded from step {step:,} on is kept, as an abandoned attempt")

    def _count_tokens(self, at: int, tokens: Any) -> None:
        """Writes down how many tokens a step has, once its first step with tokens is complete."""
        counter, writer = self.record.counter, self.record.writer
        if self._first_tokens is None:
            self._first_tokens = at, counter.tokens or 0
        elif self._first_tokens[0] >= 0 and at > self._first_tokens[0]:
            first, before = self._first_tokens
            self._first_tokens = -1, None
            per_step = (counter.tokens - before) / (at - first)
            if self.shared is None:  # else it is the ranks' to say: this one knows its own share only
                self.record.recorder.later(lambda: writer.update(tokens_per_step=float(per_step)))
