"""Takes what is measured to the store without making training wait.

    host values, CPU tensors -> the journal, at once: what the call has returned for is on it
    device scalars           -> pending -> every FLUSH_ROWS rows or FLUSH_SECONDS: one stack, ONE copy -> the journal,
                                by this recorder's own thread, once the copy has landed

The thread also tends the store, does the slow jobs that training should not wait for, and passes on what was found.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...db.records import Finding
from ..measurement import Key, KeyedItem, Parts
from .host_copy import start_copy
from .writer import Writer, part_key

FLUSH_ROWS = 10
FLUSH_SECONDS = 1.0
TEND_SECONDS = 0.5
FINDING_SECONDS = 1.0  # from one look for new findings to the next, where somebody wants to know of them
IN_FLIGHT = 64  # copies that may wait for the thread; beyond it the oldest is dropped and counted

Entry = tuple[int, tuple[Key, ...], Tensor]
OnFinding = Callable[[Finding], object]


def warn(sentence: str) -> None:
    """One line to the user; never an exception, not even where warnings are errors."""
    try:
        warnings.warn(f"Barograph: {sentence}", RuntimeWarning, stacklevel=2)
    except Exception:
        with contextlib.suppress(Exception):
            print(f"Barograph: {sentence}", file=sys.stderr)


class Recorder:
    """One run's way to `writer`; `add` is for the training thread. Tensors on `host` device types are read at once.

    `on_finding` is called by the recorder's thread with each finding that is new in the store.
    """

    def __init__(self, writer: Writer, host: Sequence[str] = ("cpu",), on_finding: OnFinding | None = None):
        self.writer = writer
        self._on_finding = on_finding
        self._host = frozenset(host)
        self._lost = 0
        self._keys: dict[tuple, tuple[tuple[Key, ...], tuple]] = {}
        self._pending: list[Entry] = []
        self._flushed_at = time.monotonic()
        self._copies: deque[tuple[Any, Tensor, list[Entry]]] = deque()
        self._copying = threading.Lock()  # held while copies that have landed are written
        self._jobs: deque[Callable[[], None]] = deque()
        self._wake = threading.Event()
        self._ending = False
        self._warned: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="barograph", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Values that could not be written so far."""
        return self._lost + self.writer.dropped

    def add(self, step: int, items: Sequence[KeyedItem]) -> None:
        """One row: (signal, parts or None, value or values) each; numbers, lists and tensors on any device."""
        names: list[tuple[Key, Parts | None]] = []
        values: list[float] = []
        for name, parts, value in items:
            if isinstance(value, Tensor):
                if value.device.type not in self._host:
                    self._pending.append((step, self._key(((name, parts),)), value))
                    continue
                value = value.tolist()
            names.append((name, parts))
            if isinstance(value, list):
                values.extend(value)
            else:
                values.append(value)
        if names:
            self._write(step, self._key(tuple(names)), values)
        if self._pending:
            self.flush(force=False)

    def named(self, step: int, row: Mapping[Any, Any]) -> None:
        """One row of single values by key; host values take the short way."""
        values = list(row.values())
        if set(map(type, values)) == {float}:
            self._write(step, tuple(row), values)
            if self._pending:
                self.flush(force=False)
        else:
            self.add(step, [(key, None, value) for key, value in row.items()])  # a key stands for a name and its part

    def begin_attempt(self, from_step: int) -> None:
        """Begins a new attempt; what is pending or being copied goes to the one before."""
        self.flush()
        with self._copying:
            self._write_copies()
            self.writer.begin_attempt(from_step)

    def later(self, job: Callable[[], None]) -> None:
        """Has the thread do a slow job."""
        self._jobs.append(job)
        self._wake.set()

    def flush(self, force: bool = True) -> None:
        """Starts the copy of what is pending, when it is due."""
        now = time.monotonic()
        due = len(self._pending) >= FLUSH_ROWS or now - self._flushed_at > FLUSH_SECONDS
        if not self._pending or not (due or force):
            return
        self._flushed_at = now
        pending, self._pending = self._pending, []
        by_device: dict[torch.device, list[Entry]] = {}
        for entry in pending:
            by_device.setdefault(entry[2].device, []).append(entry)
        for device, entries in by_device.items():
            flat = torch.cat([value.detach().reshape(-1) for _, _, value in entries])
            self._copies.append((*start_copy(flat, device), entries))
        while len(self._copies) > IN_FLIGHT:
            with contextlib.suppress(IndexError):
                self._lost += self._copies.popleft()[1].numel()
        self._wake.set()

    def end(self, state: str) -> None:
        """Writes all that is pending and closes the writer."""
        with self._guard("the last flush"):
            self.flush()
        self._ending = True
        self._wake.set()
        if threading.current_thread() is not self._thread:  # a callback may end the run
            self._thread.join(timeout=30)
        self._do()
        with self._guard("closing the store"):
            self.writer.close(state)

    def failed(self, what: str, problem: BaseException) -> None:
        """One warning for each `what`, with its reason."""
        if what not in self._warned:
            self._warned.add(what)
            warn(f"{what} ({type(problem).__name__}: {problem}); training goes on")

    def _key(self, names: tuple[tuple[Key, Parts | None], ...]) -> tuple[Key, ...]:
        """The journal's keys of a row: the same tuple for the same parts, found without reading them again."""
        known = self._keys.get(tuple([(name, id(parts)) for name, parts in names]))
        if known is None:
            keys: list[Key] = []
            for name, parts in names:
                keys.extend([name] if parts is None else [part_key(str(name), part) for part in parts])
            known = tuple(keys), names  # the names keep the parts alive, so that an id stays theirs
            self._keys[tuple([(name, id(parts)) for name, parts in names])] = known
        return known[0]

    def _work(self) -> None:
        tended = looked = 0.0
        while not self._ending:
            self._wake.wait(TEND_SECONDS)
            self._wake.clear()
            self._do()
            if time.monotonic() - tended >= TEND_SECONDS:
                tended = time.monotonic()
                with self._guard("keeping the store up to date"):
                    self.writer.tend()
            if self._on_finding is not None and time.monotonic() - looked >= FINDING_SECONDS:
                looked = time.monotonic()
                self._report_findings()

    def _report_findings(self) -> None:
        found = []
        with self._guard("looking for new findings"):
            found = self.writer.new_findings()
        for finding in found:
            with self._guard("on_finding"):
                if self._on_finding is not None:
                    self._on_finding(finding)

    def _do(self) -> None:
        with self._guard("reading values back from the device"):
            self._finish_copies()
        while self._jobs:
            with self._guard("a background job"):
                self._jobs.popleft()()

    def _write(self, step: int, keys: tuple[Key, ...], values: Sequence[float]) -> None:
        if step > self.writer.from_step:
            self.writer.points(step, keys, values)
        else:
            self.writer.late(step, keys, values)

    def _finish_copies(self) -> None:
        with self._copying:
            self._write_copies()

    def _write_copies(self) -> None:
        while self._copies:
            try:
                event, flat, entries = self._copies.popleft()
            except IndexError:  # the training thread has dropped it meanwhile
                return
            if event is not None:
                event.synchronize()
            values = flat.tolist()
            at = 0
            for step, keys, _ in entries:
                self._write(step, keys, values[at : at + len(keys)])
                at += len(keys)

    @contextlib.contextmanager
    def _guard(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            self.failed(f"{what} failed", problem)
