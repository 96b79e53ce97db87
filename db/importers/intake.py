"""Takes a log into a store: batch by batch, so that a log of any size needs the same memory, and only what is new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import StoreError
from ..frames import Key
from ..records import Event, Run
from ..store import Store
from .batch import Batch
from .lines import Meter
from .roles import Names, plain
from .source import Source
from .steps import Attempts, Steps

_EPOCH = 1e8  # seconds: a larger time is a date, a smaller one is counted from the start
Points = dict[Key, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Imported:
    """What became of a source: the run, the points that were new, and a sentence for the user."""

    run: Run
    points: int
    sentence: str
    complete: bool  # False where something could not be read


def take_in(
    store: Store, source: Source, *, name: str | None = None, project: str = "", meter: Meter = lambda size: None
) -> Imported:
    """Adds what a log holds to the run that stands for it; doing it again adds what has been written since.

    The run's id is made of the log's path and name. StoreError where the log cannot be read or holds no number.
    """
    try:
        filling = _Filling(store, source, name or source.name, project)
        for batch in source.importer.read(source.paths, meter):
            filling.add(batch)
    except OSError as error:
        raise StoreError(f"{source.home}: cannot be read ({error.strerror})") from error
    return filling.end()


class _Filling:
    """A run while it is being imported."""

    def __init__(self, store: Store, source: Source, name: str, project: str):
        self.store, self.source = store, source
        path = plain(str(source.home), 4000)
        digest = hashlib.sha256(f"{source.home}\0{name}".encode("utf-8", "surrogateescape")).hexdigest()
        self.known = next((run for run in store.runs() if run.id == digest[:16]), None)
        written = max(path.stat().st_mtime for path in source.paths)
        provenance = {"imported_from": path, "format": source.importer.FORMAT}
        self.run = Run(
            digest[:16], plain(name), plain(project) if project else "", written, "finished", written, written,
            provenance=provenance,
        )  # fmt: skip
        self.steps, self.attempts, self.names, self.clock = Steps(), Attempts(), Names(), _Clock()
        self.unread: list[int] = []
        self.lines = self.last_line = self.points = self.fresh = 0
        self.last_step: int | None = None

    def add(self, batch: Batch) -> None:
        steps, good = self.steps.of(batch)
        self.unread += [*batch.unread, *batch.lines[~good].tolist()]
        self.lines += len(batch.lines)
        if good.any():
            self.last_line = int(batch.lines[good][-1])
            self.last_step = int(steps[good].max(initial=self.last_step or steps[good][0]))
        columns = {}
        for column, found in batch.columns.items():
            kept = good[found.rows]
            if kept.any():
                columns[column] = found.rows[kept], found.values[kept]
        self.names.meet({column: values for column, (_, values) in columns.items()})
        keyed = {self.names[column]: cells for column, cells in columns.items()}
        if "time" in keyed:
            keyed["time"] = keyed["time"][0], self.clock.read(keyed["time"][1])
        if batch.seconds is not None:
            self.clock.seconds = batch.seconds
        self.run = replace(self.run, **batch.run, config=self.run.config | _storable(batch.config))
        self.run = replace(self.run, started=self._started())
        self._write(steps, keyed)

    def _write(self, steps: np.ndarray, keyed: dict[Key, tuple[np.ndarray, np.ndarray]]) -> None:
        for first, end in self.attempts.cut(steps, {key: rows for key, (rows, _) in keyed.items()}):
            self.run = replace(self.run, attempt=self.attempts.number)
            points = {}
            for key, (rows, values) in keyed.items():
                a, b = np.searchsorted(rows, [first, end])
                if b > a:
                    points[key] = steps[rows[a:b]], values[a:b]
            self.points += sum(len(values) for _, values in points.values())
            points = dict(self._new(points)) if self.known else points
            self.fresh += sum(len(values) for _, values in points.values())
            if points:
                self._append(points)

    def _new(self, points: Points) -> Iterable[tuple[Key, tuple[np.ndarray, np.ndarray]]]:
        """The points that the store does not hold yet, or holds with another value."""
        for key, (steps, values) in points.items():
            signal, part = (key, ()) if isinstance(key, str) else (key[0], key[1:])
            span = {"lo": int(steps.min()), "hi": int(steps.max()), "attempt": self.run.attempt}
            old = self.store.series(self.run.id, signal, part, **span)
            new = np.ones(len(steps), bool)
            if len(old):
                at = np.minimum(np.searchsorted(old.steps, steps), len(old) - 1)
                same = (old.values[at] == values) | (np.isnan(old.values[at]) & np.isnan(values))
                new = ~((old.steps[at] == steps) & same)
            if new.any():
                yield key, (steps[new], values[new])

    def _append(self, points: Points, events: Iterable[Event] = ()) -> None:
        said = self.names.descriptions.values()
        self.store.append(self.run, points, from_step=self.attempts.from_step, descriptions=said, events=events)

    def _started(self) -> float:
        if self.known:
            return self.known.started
        return self.clock.origin if self.clock.origin is not None else self.run.ended - self.clock.seconds

    def end(self) -> Imported:
        if not self.points:
            why = self._damage() or "it has no rows yet"
            raise StoreError(f"{plain(str(self.source.home), 300)}: no number to import; {why}")
        if self.clock.origin is not None:
            ended = max(self.clock.origin + self.clock.seconds, self.run.started)
            self.run = replace(self.run, ended=ended, last_seen=ended)
        damage = self._damage()
        source, run = self.run.provenance["imported_from"], self.run
        said = f"imported from {source} ({self.source.importer.FORMAT})" + (f"; {damage}" if damage else "")
        data = {"source": source, "rows": self.lines, "points": self.points, "unread": len(self.unread)}
        event = Event(self.last_step or 0, "import", said, run.ended or 0.0, run.attempt, data)
        if self.fresh or not self.known or event not in self.store.events(self.run.id):
            self._append({}, [event])
        added = f"{self.fresh:,} {'new ' if self.known else ''}points" if self.fresh else "nothing new"
        sentence = f"{plain(source, 300)}: run {run.name} ({run.id}), {added}, up to step {self.last_step}"
        return Imported(run, self.fresh, f"{sentence}; {damage}" if damage else sentence, not damage)

    def _damage(self) -> str:
        """What could not be read: the lines behind the last good one, and those in between."""
        tail = [line for line in self.unread if line > self.last_line]
        middle = len(self.unread) - len(tail)
        words = []
        if middle:
            first = min(self.unread)
            which = f"line {first}" if middle == 1 else f"{middle:,} lines, from line {first} on,"
            words.append(f"{which} could not be read")
        if tail:
            words.append(f"reading stopped at line {min(tail)}")
        if self.attempts.disordered:
            words.append("its rows are not in order of step, so set-backs of the run cannot be told")
        return "; ".join(words)


class _Clock:
    """Times of a log as seconds since its first: dates in s, ms, us or ns since 1970, or seconds that count from 0."""

    def __init__(self) -> None:
        self.origin: float | None = None
        self.seconds = 0.0
        self._unit: float | None = None

    def read(self, values: np.ndarray) -> np.ndarray:
        finite = values[np.isfinite(values)]
        if not len(finite):
            return values
        if self._unit is None:
            self._unit = 1.0
            while finite[0] / self._unit > 1e11:
                self._unit *= 1000.0
            if finite[0] / self._unit > _EPOCH:
                self.origin = float(finite[0] / self._unit)
        seconds = values / self._unit - (self.origin or 0.0)
        self.seconds = max(self.seconds, float(np.nanmax(seconds[np.isfinite(seconds)])))
        return seconds


def _storable(config: dict[str, Any]) -> dict[str, Any]:
    """Hyper-parameters as JSON that a database takes: no lone surrogates."""
    return json.loads(json.dumps(config, ensure_ascii=False, default=str).encode("utf-8", "replace")) if config else {}
