"""What a rank shares of each step, and what becomes of the shares of all: global norms, largest logits, stragglers."""

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

TIMES, LOSS = "step_time_rank", "loss_rank"
DESCRIPTIONS = {
    TIMES: Description(
        TIMES, "s", "Seconds of a step on each rank, without waiting for the slowest as far as that can be computed",
        "lower", ("rank",), title="Step time by rank",
    ),
    LOSS: Description(
        LOSS, "", "The training loss on each rank's own batch", "lower", ("rank",), title="Loss by rank"
    ),
}  # fmt: skip
JOIN: dict[str, Callable[[Tensor], Tensor]] = {  # shares [ranks, parts] -> [parts]
    "norm": lambda shares: torch.linalg.vector_norm(shares, dim=0),
    "max": lambda shares: shares.amax(dim=0),
    "mean": lambda shares: shares.mean(dim=0),
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
        return own

    def lap(self, step: int, seconds: float | None) -> None:
        """A step has ended that took so long."""
        work = self._work.lap()
        if seconds is not None and step % self._every == 0:
            self.ranks.put(step, TIMES, None, [seconds, work])

    def loss(self, step: int, value: Any) -> None:
        """What the loop has logged."""
        if step % self._every == 0:
            self.ranks.put(step, LOSS, None, value)

    def close(self) -> None:
        """The run ends: the last shares go out, torch's own functions come back."""
        self._work.close()
        self.ranks.close()

    def _local(self, name: str) -> str:
        return f"{name}_local" if self._signals[name].of_tensors else name

    def _write(self, step: int, name: str, shares: dict[int, tuple[Parts | None, list[float]]]) -> None:
        """Records the shares of one signal at one step; where some are missing, rank 0's own."""
        if name in DESCRIPTIONS:
            self._by_rank(step, name, shares)
            return
        whole = len(shares) == self.ranks.world and len({parts for parts, _ in shares.values()}) == 1
        if not whole and 0 not in shares:
            return
        parts, values = shares.get(0) or next(iter(shares.values()))
        if whole:
            table = torch.tensor([values for _, values in shares.values()], dtype=torch.float64)
            values = JOIN[self._signals[name].across](table).tolist()
        name = name if whole else self._local(name)
        axes = bool(self._signals[name.removesuffix("_local")].axes)
        self._descriptions.describe(name, parts if axes else None)
        keys = tuple(part_key(name, part) for part in parts) if axes and parts else (name,)
        self._writer.points(step, keys, values)

    def _by_rank(self, step: int, name: str, shares: dict[int, tuple[Parts | None, list[float]]]) -> None:
        ranks = sorted(shares)
        table = torch.tensor([shares[rank][1] for rank in ranks], dtype=torch.float64)
        values = without_waiting(table) if name == TIMES else table[:, 0]
        self._descriptions.add(DESCRIPTIONS[name])
        self._writer.points(step, tuple((name, str(rank)) for rank in ranks), values.tolist())
