"""Many ranks, one run: norms and largest logits of all of them, and which of them the others wait for.

Every rank measures its share; a thread beside training puts it into the job's key-value store (the one by which
`torch.distributed` met), on a connection of its own, at most twice a second; rank 0 takes it out, joins the shares of
each step and records them. No collective is called and no process group is made: nothing can interleave with training,
and nobody waits for a rank that is dead, late or not watched. What is still incomplete after PATIENCE is recorded as
rank 0's own.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor

from ..measurement import Parts
from ..recording.host_copy import HostCopy

BEAT = 0.5  # seconds from one exchange to the next
PATIENCE = 30.0  # seconds for a step's shares to be complete, and for all ranks to begin
SILENT = 60.0  # seconds after which a rank that has sent something counts as lost
FAREWELL = 3.0  # seconds that rank 0 waits at the end for the others' last words
TOGETHER = 10  # values on a device that are copied at once
WAITING = 4096  # rows that wait to be sent; the oldest go first
_watches = [0]  # how often this process has begun: the same on all ranks that call watch in the same order


class Ranks:
    """This rank's end of the exchange; `put` is for the training thread.

    On rank 0 `write(step, name, {rank: (parts, values)})` gets what came together of a signal at a step, and
    `say(text)` is called with what is known of missing ranks.
    """

    def __init__(self) -> None:
        import torch.distributed as dist

        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        store: Any = dist.distributed_c10d._get_default_store()
        self._store = store.clone()
        self._store.set_timeout(timedelta(seconds=5))
        self._prefix = f"barograph/{_watches[0]}"
        _watches[0] += 1
        self.over = False  # nothing is shared (any more)
        self._pending: list[tuple[tuple, Tensor]] = []  # on the device
        self._mine: deque[tuple[list[tuple], Any]] = deque(maxlen=WAITING)  # ((step, name, parts, count) ..., values)
        self._sent = 0
        self._begun = time.monotonic()
        self._heard = dict.fromkeys(range(1, self.world), 0.0)  # when each other rank last sent something; 0: never
        self._read = dict.fromkeys(self._heard, 0)
        self._gone: set[int] = set()  # have announced their end
        self._last = dict.fromkeys(self._heard, 0)  # each other rank's last step
        self._steps: dict[tuple[int, str], dict[int, tuple[Parts | None, list[float]]]] = {}
        self._since: dict[tuple[int, str], float] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="barograph-ranks", daemon=True)

    def start(self, from_step: int, write: Callable[..., None], say: Callable[[str], None]) -> None:
        """Begins to exchange; rank 0 tells the others the step that its run goes on from."""
        self._write, self._say = write, say
        if self.rank == 0:
            self._store.set(f"{self._prefix}/from", str(from_step))
        self._thread.start()

    def put(self, step: int, name: str, parts: Parts | None, value: Any) -> None:
        """This rank's share of one signal at one step: a number, a list, or a tensor with a value for each part."""
        if self.over:
            return
        if isinstance(value, Tensor) and value.device.type != "cpu":
            self._pending.append(((step, name, parts, value.numel()), value.detach().reshape(-1).float()))
            if len(self._pending) >= TOGETHER:
                self._land()
            return
        values = value.tolist() if isinstance(value, Tensor) else value
        values = values if isinstance(values, list) else [float(values)]
        self._mine.append(([(step, name, parts, len(values))], values))

    def _land(self) -> None:
        """Starts one copy to the host of all that waits on the device."""
        if self._pending:
            heads, values = zip(*self._pending, strict=True)
            self._pending = []
            self._mine.append((list(heads), HostCopy(torch.cat(values))))

    def first_step(self) -> int:
        """The step from which rank 0 goes on; 0 where it does not say so in time."""
        try:
            key = f"{self._prefix}/from"
            self._store.wait([key], timedelta(seconds=PATIENCE))
            return int(self._store.get(key))
        except Exception:
            return 0

    def close(self) -> None:
        """The run ends here: the last shares go out, and rank 0 waits a moment for those of the others."""
        self._land()
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * FAREWELL + 5)

    # -- the thread -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not self._ending.wait(BEAT):
                self._exchange()
            self._exchange(last=True)
            until = time.monotonic() + FAREWELL
            while self.rank == 0 and not self.over and len(self._gone) < self.world - 1 and time.monotonic() < until:
                time.sleep(0.05)
                self._exchange()
            if self.rank == 0:
                self._missing(0.0, FAREWELL / 2)
        except Exception:  # the store went with the process that kept it
            pass
        finally:
            with contextlib.suppress(Exception):
                self._give_up()

    def _exchange(self, last: bool = False) -> None:
        rows: list[tuple] = []
        while self._mine:
            heads, values = self._mine[0]
            if isinstance(values, HostCopy) and (values := values.values(wait=last)) is None:
                break
            self._mine.popleft()
            for step, name, parts, count in heads:
                rows.append((step, name, parts, values[:count]))
                values = values[count:]
        if self.rank:
            self._send(rows, last)
        elif not self.over:
            for row in rows:
                self._take(0, *row)
            self._listen()

    def _send(self, rows: list[tuple], last: bool) -> None:
        if not self._store.check([f"{self._prefix}/from"]):  # rank 0 is not there yet, or does not watch
            if time.monotonic() - self._begun > PATIENCE:
                self.over = True
            else:
                waiting = [([(step, name, parts, len(values))], values) for step, name, parts, values in rows]
                self._mine.extendleft(reversed(waiting))
            return
        text = json.dumps({"rows": rows, "end": last})
        self._store.set(f"{self._prefix}/{self.rank}/{self._sent}", text)
        self._sent += 1

    def _listen(self) -> None:
        for rank in set(self._heard) - self._gone:
            while self._store.check([key := f"{self._prefix}/{rank}/{self._read[rank]}"]):
                message = json.loads(self._store.get(key))
                self._store.delete_key(key)
                self._read[rank] += 1
                self._heard[rank] = time.monotonic()
                for step, name, parts, values in message["rows"]:
                    self._take(rank, step, name, parts and tuple(_part(part) for part in parts), values)
                if message["end"]:
                    self._gone.add(rank)
        late = time.monotonic() - PATIENCE
        for where in [where for where, since in self._since.items() if since < late]:
            self._finish(where)
        self._missing(PATIENCE, SILENT)

    def _missing(self, begun: float, silent: float) -> None:
        """Gives up where a rank has not begun after so many seconds, or has been silent for so many."""
        now = time.monotonic()
        never = [rank for rank, heard in self._heard.items() if not heard]
        if never and now - self._begun > begun and not self.over:
            self._say(f"{_names(never)} of {self.world} did not call watch, or could not be reached")
            self._give_up()
        lost = [r for r, heard in self._heard.items() if heard and r not in self._gone and now - heard > silent]
        if lost and not self.over:
            last = ", ".join(f"{self._last[rank]:,}" for rank in lost)
            self._say(f"{_names(lost)} of {self.world} fell silent, last seen at step {last}: killed or cut off")
            self._give_up()

    def _take(self, rank: int, step: int, name: str, parts: Parts | None, values: list[float]) -> None:
        where = step, name
        self._since.setdefault(where, time.monotonic())
        self._steps.setdefault(where, {})[rank] = parts, values
        if rank:
            self._last[rank] = max(self._last[rank], step)
        if len(self._steps[where]) == self.world:
            self._finish(where)

    def _finish(self, where: tuple[int, str]) -> None:
        """Records what has come together of one signal at one step."""
        shares = self._steps.pop(where)
        self._since.pop(where)
        self._write(*where, shares)

    def _give_up(self) -> None:
        self.over = True
        for where in list(self._steps):
            self._finish(where)


def _part(part: Any) -> str | tuple[str, ...]:
    return tuple(part) if isinstance(part, list) else part


def _names(ranks: Sequence[int] | Any) -> str:
    found = [str(rank) for rank in ranks]
    return f"{'Rank' if len(found) == 1 else 'Ranks'} {', '.join(found)}"
