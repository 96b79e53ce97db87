"""What a rank shares of each step, and what becomes of the shares of all: global norms, largest logits, stragglers."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ... import db
from ..hooks.layout import Layout, replicas
from ..signal import Parts, Signal
from .ranks import Ranks

TIMES, LOSS = "step_time_rank", "loss_rank"
SENTENCES = {
    TIMES: ("s", "Seconds of a step on each rank, without what it waited for the slowest as far as that can be told"),
    LOSS: ("", "The training loss on each rank's own batch"),
}
JOIN: dict[str, Callable[[Tensor], Tensor]] = {  # shares [ranks, parts] -> [parts]
    "norm": lambda shares: torch.linalg.vector_norm(shares, dim=0),
    "max": lambda shares: shares.amax(dim=0),
    "mean": lambda shares: shares.mean(dim=0),
}


class Shares:
    """The ranks of one run as its hooks see them. `host` describes signals and tells events; `writer` is the run's."""

    def __init__(self, ranks: Ranks, host: Any, writer: Any, signals: Mapping[str, Signal]):
        self.ranks, self._host, self._writer, self._signals = ranks, host, writer, signals
        self._every = max(1, ranks.world // 8)  # steps from one look at the times to the next
        self._work = Work()
        self._marks: dict[Parts, str] = {}  # of a layout's names, so that only like is joined with like
        self._said: set[str] = set()
        ranks.start(writer.from_step, self._write, lambda text: host.event("rank", text))

    @property
    def over(self) -> bool:
        """Whether nothing is shared (any more): a rank is lost, or not all are watched."""
        return self.ranks.over

    def roots(self, layout: Layout) -> Tensor | None:
        """By what a norm [parameters] is divided so that the squares of all ranks add up: sqrt(ranks that hold it)."""
        if not layout.sharded:
            return None
        held = [replicas(p) for p in layout.params]
        return torch.tensor(held, dtype=torch.float64).sqrt().float().to(layout.device)

    def row(self, step: int, layout: Layout, items: Sequence[tuple[str, Parts | None, Any]]) -> list:
        """Shares what is to be joined; returns the rest, which is this rank's own."""
        own = []
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
        if name in SENTENCES:
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
        self._host.describe(name, parts if axes else None)
        keys = tuple((name, part) if isinstance(part, str) else (name, *part) for part in parts) if axes else (name,)
        self._writer.points(step, keys, values)

    def _by_rank(self, step: int, name: str, shares: dict[int, tuple[Parts | None, list[float]]]) -> None:
        ranks = sorted(shares)
        table = torch.tensor([shares[rank][1] for rank in ranks], dtype=torch.float64)
        values = unwaited(table) if name == TIMES else table[:, 0]
        unit, sentence = SENTENCES[name]
        if name not in self._said:
            self._said.add(name)
            self._writer.describe(db.Description(name, unit, sentence, "lower", ("rank",)))
        self._writer.points(step, tuple((name, str(rank)) for rank in ranks), values.tolist())


def unwaited(times: Tensor) -> Tensor:
    """Step times [ranks] without waiting, from (seconds of the step, of these not in a backward pass) [ranks, 2].

    Ranks that meet in each backward pass have equal steps, whoever was late: what a rank did less of its own work than
    the busiest, and is not seen in its step's length, it spent waiting.

    >>> unwaited(torch.tensor([[1.0, 0.2], [1.0, 0.7]])).tolist()
    [0.5, 1.0]
    """
    step, work = times[:, 0], times[:, 1]
    return step - ((work.amax() - work) - (step.amax() - step)).clamp(min=0)


class Work:
    """Seconds that this rank spends outside of backward passes: there it may have to wait for others."""

    def __init__(self) -> None:
        self._since, self._sum = time.perf_counter(), 0.0
        self._original = original = torch.autograd.backward

        def backward(*arguments: Any, **options: Any) -> Any:
            self._sum += time.perf_counter() - self._since
            try:
                return original(*arguments, **options)
            finally:
                self._since = time.perf_counter()

        self._ours = torch.autograd.backward = backward

    def lap(self) -> float:
        """A step has ended: its seconds."""
        now = time.perf_counter()
        done, self._sum, self._since = self._sum + now - self._since, 0.0, now
        return done

    def close(self) -> None:
        """Puts torch's own function back, unless somebody has put another over ours."""
        if torch.autograd.backward is self._ours:
            torch.autograd.backward = self._original


class Mute:
    """The writer of a rank whose run rank 0 writes: takes everything and keeps nothing."""

    network, dropped, stop_reason = False, 0, ""

    def __init__(self, run: Any, from_step: int = 0):
        self.run, self.from_step = run, from_step

    def nothing(self, *arguments: Any, **options: Any) -> None:
        """Says nothing."""

    points = columns = describe = event = evaluation = plan = update = tend = close = nothing

    def attempt(self, from_step: int) -> int:
        self.from_step = from_step
        return 0

    def stop_requested(self) -> bool:
        return False

    def found(self) -> list:
        return []
