"""What a rank shares of each step, and what becomes of the shares of all: norms, largest logits, losses, tokens, times.

Loss, tokens and throughput of rank 0 are recorded at once, tokens scaled to the job as far as its size is known; those
of the job take their place when all shares have come in, some half a second later. Where the others share none (only
rank 0 logs, what it has reduced itself) they stay as they were logged.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...db.records import Description
from ..hooks.parameter_layout import ParameterLayout
from ..measurement import Item, Parts
from ..numerics.sharding import replicas
from ..recording.run_descriptions import RunDescriptions
from ..recording.writer import Writer, part_key
from ..signal import Signal
from .own_work import OwnWork, without_waiting
from .ranks import Ranks

TIMES, LOSSES = "step_time_rank", "loss_rank"
LOSS, TOKENS = "loss", "tokens"  # what the loop logs
DESCRIPTIONS = {
    TIMES: Description(
        TIMES, "s", "Seconds of a step on each rank, without waiting for the slowest as far as that can be computed",
        "lower", ("rank",), title="Step time by rank",
    ),
    LOSSES: Description(
        LOSSES, "", "The training loss on each rank's own batch", "lower", ("rank",), title="Loss by rank"
    ),
}  # fmt: skip
JOIN: dict[str, Callable[[Tensor], Tensor]] = {  # shares [ranks, parts] -> [parts]
    "norm": lambda shares: torch.linalg.vector_norm(shares, dim=0),
    "max": lambda shares: shares.amax(dim=0),
    "mean": lambda shares: shares.mean(dim=0),
    "sum": lambda shares: shares.sum(dim=0),
}


class SharedSignals:
    """The ranks of one run as its hooks see them; `event(text)` puts on the timeline what happens to a rank."""

    def __init__(
        self,
        ranks: Ranks,
        writer: Writer,
        signals: Mapping[str, Signal],
        descriptions: RunDescriptions,
        event: Callable[[str], None],
    ):
        self.ranks, self._writer, self._signals, self._descriptions = ranks, writer, signals, descriptions
        self._every = max(1, ranks.world // 8)  # steps from one look at the times to the next
        self._work = OwnWork()
        self._marks: dict[Parts, str] = {}  # of a layout's names, so that only like is joined with like
        self._before = (writer.run.tokens_per_step or 0.0) * writer.from_step  # tokens of earlier attempts
        self._scale = 1.0  # tokens of all ranks to those of this one
        self._logged: dict[str, tuple[int, Any]] = {}  # of loss and tokens: the step under way, and the value so far
        self._first_tokens: tuple[int, float] | None = None
        ranks.start(writer.from_step, self._write, event)

    @property
    def over(self) -> bool:
        """Whether nothing is shared (any more): a rank is lost, or not all are watched."""
        return self.ranks.over

    def roots(self, layout: ParameterLayout) -> Tensor | None:
        """By what a norm [parameters] is divided so that the squares of all ranks add up: sqrt(ranks that hold it)."""
        if not layout.sharded:
            return None
        held = [replicas(p) for p in layout.params]
        return torch.tensor(held, dtype=torch.float64).sqrt().float().to(layout.device)

    def row(self, step: int, layout: ParameterLayout, items: Sequence[Item]) -> list[Item]:
        """Shares what is to be joined; returns the rest, which is this rank's own."""
        own: list[Item] = []
        for name, parts, value in items:
            signal = self._signals.get(name)
            if signal is None or not signal.across or (signal.of_tensors and not layout.sharded):
                own.append((name, parts, value))
            elif self.over:
                own.append((self._local(name), parts, value))
            else:
                mark = self._marks.get(layout.names) or f"{zlib.crc32(repr(layout.names).encode())}"
                self._marks[layout.names] = mark
                self.ranks.put(step, name, parts if parts is not None else (mark,), value)
                if signal.across == "sum" and not isinstance(value, list):
                    own.append((name, parts, value * self._scale))
        return own

    def lap(self, step: int, seconds: float | None) -> None:
        """A step has ended that took so long."""
        work = self._work.lap()
        if seconds is not None and step % self._every == 0:
            self.ranks.put(step, TIMES, None, [seconds, work])

    def log(self, step: int, row: dict[Any, Any]) -> dict[Any, Any]:
        """What the loop has logged; what is to be recorded of it now. A step is shared once another one is logged."""
        for name in (LOSS, TOKENS):
            if name in row:
                at, value = self._logged.get(name, (step, None))
                if at != step:
                    self.ranks.put(at, name, None, value)
                self._logged[name] = step, row[name] - self._before if name == TOKENS else row[name]
        if TOKENS in row:
            row = {**row, TOKENS: self._before + self._logged[TOKENS][1] * self._scale}
        return row

    def close(self) -> None:
        """The run ends: the last shares go out, torch's own functions come back."""
        for name, (step, value) in self._logged.items():
            self.ranks.put(step, name, None, value)
        self._work.close()
        self.ranks.close()

    def _local(self, name: str) -> str:
        return f"{name}_local" if self._signals[name].of_tensors else name

    def _write(self, step: int, name: str, shares: dict[int, tuple[Parts | None, list[float]]]) -> None:
        """Records the shares of one signal at one step; where some are missing, rank 0's own."""
        if name in (TIMES, LOSS, TOKENS):
            self._of_loop(step, name, {rank: values for rank, (_, values) in sorted(shares.items())})
            return
        whole = len(shares) == self.ranks.world and len({parts for parts, _ in shares.values()}) == 1
        signal = self._signals[name]
        if not whole and (0 not in shares or signal.across == "sum"):
            return
        parts, values = shares.get(0) or next(iter(shares.values()))
        if whole:
            table = torch.tensor([values for _, values in shares.values()], dtype=torch.float64)
            values = JOIN[signal.across](table).tolist()
        name = name if whole else self._local(name)
        axes = bool(self._signals[name.removesuffix("_local")].axes)
        self._descriptions.describe(name, parts if axes else None)
        keys = tuple(part_key(name, part) for part in parts) if axes and parts else (name,)
        self._writer.points(step, keys, values)

    def _of_loop(self, step: int, name: str, shares: dict[int, list[float]]) -> None:
        """Records times and losses by rank, and what is the job's where all ranks have shared theirs."""
        if name == TIMES or (name == LOSS and step % self._every == 0):
            table = torch.tensor(list(shares.values()), dtype=torch.float64)
            by_rank = without_waiting(table) if name == TIMES else table[:, 0]
            series = TIMES if name == TIMES else LOSSES
            self._descriptions.add(DESCRIPTIONS[series])
            self._writer.points(step, tuple((series, str(rank)) for rank in shares), by_rank.tolist())
        if name == TIMES or len(shares) < self.ranks.world:
            return
        total = sum(value for value, *_ in shares.values())
        if name == LOSS:
            self._writer.points(step, (LOSS,), [total / len(shares)])
        else:
            self._tokens(step, total, shares[0][0])

    def _tokens(self, step: int, total: float, own: float) -> None:
        """Tokens of all ranks and of rank 0, up to a step of this attempt."""
        self._writer.points(step, (TOKENS,), [self._before + total])
        self._scale = total / own if own else self._scale
        if self._first_tokens is None:
            self._first_tokens = step, total
        elif step > self._first_tokens[0] >= 0:
            first, before = self._first_tokens
            self._first_tokens = -1, 0.0
            self._writer.update(tokens_per_step=(total - before) / (step - first))
