"""Takes a log into a store: batch by batch, so that a log of any size needs the same memory, and only what is new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import StoreError
from ....keys import SeriesKey
from ...exchange.names import LONGEST, plain
from ...exchange.read_notes import Notes
from ...records import Description, Event, Run
from ...series.pyramid import merge
from ...store import Store
from .batch import Batch
from .damage import Damage
from .lines import Meter
from .roles import EPOCH, Names, key_of
from .source import Source
from .steps import Attempts, Line, Steps

_TEXTS = ("name", "project", "note")  # what a log says of its run in a user's words
_NAMES = 5000  # columns whose keys are noted
_ASIDE = 1_000_000  # changed values that are kept for later
Points = dict[SeriesKey, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Imported:
    """What became of a source: the run, the points that were new, and a sentence for the user."""

    run: Run
    points: int
    sentence: str
    complete: bool  # False where something could not be read


def take_in(
    store: Store,
    source: Source,
    *,
    name: str | None = None,
    project: str = "",
    columns: Mapping[str, str] | None = None,
    meter: Meter = lambda size: None,
) -> Imported:
    """Adds what a log holds to the run that stands for it; doing it again adds what has been written since.

    The run's id is made of the log's path and name. `columns` says what a column is ({"my_lr": "lr", "i": "step"})
    where its name does not, "" that it is left out. StoreError where the log cannot be read or holds no number.
    """
    try:
        filling = Filling(store, source, name, project, columns)
        for batch in source.read(meter):
            if batch is not None:
                filling.add(batch)
    except OSError as error:
        raise StoreError(f"{source.home}: cannot be read ({error.strerror})") from error
    return filling.end()


def stamp(paths: Iterable[Path]) -> list[list[int]]:
    """What changes when any of these files does."""
    return [[found.st_ino, found.st_size, found.st_mtime_ns] for found in (path.stat() for path in paths)]


class Filling:
    """A run while it is being imported: `add` batches, then `end`; it may go on afterwards."""

    def __init__(
        self,
        store: Store,
        source: Source,
        name: str | None = None,
        project: str = "",
        columns: Mapping[str, str] | None = None,
        as_written: Callable[[Run], Run] = lambda run: run,
    ):
        """`as_written`: the run as the store is given it, e.g. as running while its log is followed."""
        self.store, self.source, self.as_written = store, source, as_written
        self.given = {field for field, value in (("name", name), ("project", project)) if value}
        which, name = name or source.run or source.name, name or source.name
        path = plain(str(source.home), 4000)
        digest = hashlib.sha256(f"{source.home}\0{which}".encode("utf-8", "surrogateescape")).hexdigest()
        self.known = next((run for run in store.runs() if run.id == digest[:16]), None)
        self.stamp = stamp(source.paths)
        written = max(path.stat().st_mtime for path in source.paths)
        provenance = {"imported_from": path, "format": source.importer.FORMAT}
        self.run = Run(
            digest[:16], plain(name), plain(project) if project else "", written, "finished", written, written,
            provenance=provenance,
        )  # fmt: skip
        meanings = {column: meaning for column, meaning in (columns or {}).items() if meaning}
        self.left_out = (columns or {}).keys() - meanings.keys()
        step = next((column for column, meaning in meanings.items() if meaning == "step"), self._before().get("step"))
        settled = {column: _key(key) for column, key in self._before().get("names", {}).items()}
        settled |= {column: key_of(meaning) for column, meaning in meanings.items() if meaning != "step"}
        self.steps, self.names, self.clock, self.notes = Steps(step), Names(settled), _Clock(), Notes()
        self.attempts: Attempts | Line = Attempts()
        self.damage: dict[str, Damage] = {}
        self.described: dict[str, Description] = {}  # as the store has them
        self.changed: dict[SeriesKey, list[tuple[np.ndarray, np.ndarray]]] = {}
        self.lines = self.points = self.fresh = self.aside = 0
        self.rewritten = int(self._before().get("rewritten", 0))  # values that an import found changed, so far
        self.last_step: int | None = None

    @property
    def unchanged(self) -> bool:
        """Whether all of the log has been imported before as it is now."""
        finished = self.known is not None and self.known.state == "finished"
        return finished and self._before().get("stamp") == self.stamp

    def _before(self) -> dict[str, Any]:
        """What the last import noted of the log."""
        events = self.store.events(self.known.id) if self.known else []
        return next((event.data for event in events if event.kind == "import"), {})

    def add(self, batch: Batch) -> None:
        if batch.notes:
            self._take_notes(batch.notes)
        steps, good = self.steps.of(batch)
        unit = getattr(self.source.importer, "UNIT", "line")
        file = batch.file if len(self.source.paths) > 1 else ""
        last_good = int(batch.lines[good].max()) if good.any() else None
        self.damage.setdefault(file, Damage(unit, file)).note([*batch.unread, *batch.lines[~good].tolist()], last_good)
        self.lines += len(batch.lines)
        if good.any():
            self.last_step = int(steps[good].max(initial=self.last_step or steps[good][0]))
        columns = {}
        for column, found in batch.columns.items():
            kept = good[found.rows]
            stays = column in self.left_out or self.notes.columns.get(column, column) is None
            if kept.any() and not stays:
                columns[column] = found.rows[kept], found.values[kept]
        self.names.meet({column: values for column, (_, values) in columns.items()})
        keyed = {self.names[column]: cells for column, cells in columns.items()}
        if "time" in keyed and not self.notes.run:
            keyed["time"] = keyed["time"][0], self.clock.read(keyed["time"][1])
        if batch.seconds is not None:
            self.clock.seconds = batch.seconds
        self.run = replace(self.run, **self._facts(batch.run), config=self.run.config | _storable(batch.config))
        self.run = replace(self.run, started=self._started())
        self._write(steps, keyed)

    def _take_notes(self, notes: Iterable[Any]) -> None:
        """Takes from an export's notes what its columns are, which attempts there were, and the run's own fields."""
        for note in notes:
            self.notes.take(note)
        self.names.settle({column: key for column, key in self.notes.columns.items() if key is not None})
        if self.notes.attempts:
            self.attempts = Line(self.notes.attempts)
        facts = {key: value for key, value in self.notes.run.items() if key not in self.given}
        facts["provenance"] = self.notes.run.get("provenance", {}) | self.run.provenance
        self.run = replace(self.run, **facts)

    def _facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """What the log records about its run, except where the user has given another value."""
        texts: dict[str, Any] = {
            key: plain(facts[key], 4000 if key == "note" else LONGEST) for key in _TEXTS if facts.get(key)
        }
        if "tags" in facts:
            texts["tags"] = tuple(plain(tag) for tag in facts["tags"])
        return {k: v for k, v in (facts | texts).items() if k not in self.given and v is not None}

    def _write(self, steps: np.ndarray, keyed: dict[SeriesKey, tuple[np.ndarray, np.ndarray]]) -> None:
        rows_of = {key: rows for key, (rows, _) in keyed.items() if key != "time"}  # each row's time is the whole log's
        for first, end in self.attempts.cut(steps, rows_of):
            if self.attempts.number != self.run.attempt:
                self._settle()
                self.run = replace(self.run, attempt=self.attempts.number)
            points = {}
            for key, (rows, values) in keyed.items():
                a, b = np.searchsorted(rows, [first, end])
                if b > a:
                    points[key] = merge(steps[rows[a:b]], values[a:b])
            self.points += sum(len(values) for _, values in points.values())
            self._append(dict(self._new(points)) if self.known else points)
            if self.aside > _ASIDE:
                self._settle()

    def _new(self, points: Points) -> Iterable[tuple[SeriesKey, tuple[np.ndarray, np.ndarray]]]:
        """The points of steps that the store does not hold yet; those that it holds with another value are put aside.

        A log may have several values of one step, far from each other: the last of them counts, at the end.
        """
        for key, (steps, values) in points.items():
            there, same = self._held(key, steps, values)
            if not same.all():
                other = there & ~same
                self.changed.setdefault(key, []).append((steps[other], values[other]))
                self.aside += int(other.sum())
            if not there.all():
                yield key, (steps[~there], values[~there])

    def _held(self, key: SeriesKey, steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(whether the store has each step, whether with the same value)."""
        signal, part = (key, ()) if isinstance(key, str) else (key[0], key[1:])
        span = {"lo": int(steps.min()), "hi": int(steps.max()), "attempt": self.run.attempt}
        old = self.store.series(self.run.id, signal, part, **span)
        if not len(old):
            return np.zeros(len(steps), bool), np.zeros(len(steps), bool)
        at = np.minimum(np.searchsorted(old.steps, steps), len(old) - 1)
        there = old.steps[at] == steps
        return there, there & ((old.values[at] == values) | (np.isnan(old.values[at]) & np.isnan(values)))

    def _settle(self) -> None:
        """Writes the values that were put aside, where they still differ from what the store holds."""
        points = {}
        for key, pieces in self.changed.items():
            steps, values = merge(*(np.concatenate(arrays) for arrays in zip(*pieces, strict=True)))
            differ = ~self._held(key, steps, values)[1] if len(steps) else np.zeros(0, bool)
            if differ.any():
                points[key] = steps[differ], values[differ]
                self.rewritten += int(differ.sum())
        self.changed.clear()
        self.aside = 0
        self._append(points)

    def _append(self, points: Points, events: Iterable[Event] = ()) -> None:
        self.fresh += sum(len(values) for _, values in points.values())
        if not points and not events:
            return
        known = (self.names.descriptions | self.notes.descriptions).items()
        new = [one for name, one in known if self.described.get(name) is not one]
        begun = [attempt for attempt in self.notes.attempts if attempt.number <= self.run.attempt]
        self.store.append(
            self.as_written(self.run),
            points,
            from_step=self.attempts.from_step,
            descriptions=new,
            events=events,
            evaluations=self.notes.evaluations if events else (),
            plans=self.notes.plans if events else (),
            attempts=begun,
        )
        self.described |= {one.name: one for one in new}

    def _started(self) -> float:
        if self.known or "started" in self.notes.run:
            return (self.known or self.run).started
        return self.clock.origin if self.clock.origin is not None else (self.run.ended or 0.0) - self.clock.seconds

    def end(self) -> Imported:
        self._settle()
        if not self.points and not self.notes.run:
            why = self._damage() or "it has no rows yet"
            raise StoreError(f"{plain(str(self.source.home), 300)}: no number to import; {why}")
        ended = max(path.stat().st_mtime for path in self.source.paths)
        if self.clock.origin is not None:
            ended = max(self.clock.origin + self.clock.seconds, self.run.started)
        if not self.notes.run:
            self.run = replace(self.run, ended=ended, last_seen=ended)
        elif self.notes.attempts:
            self.run = replace(self.run, attempt=self.notes.attempts[-1].number)
        damage = self._damage()
        source, run = self.run.provenance["imported_from"], self.run
        summary = f"imported from {source} ({self.source.importer.FORMAT})" + (f"; {damage}" if damage else "")
        unread = sum(damage.count for damage in self.damage.values())
        data = {"source": source, "rows": self.lines, "points": self.points, "unread": unread}
        data |= {"rewritten": self.rewritten, "stamp": self.stamp}
        data |= {"step": self.steps.column, "names": dict(islice(self.names.keys.items(), _NAMES))}
        event = Event(self.last_step or 0, "import", summary, run.ended or 0.0, run.attempt, data)
        if self.fresh or not self.known or event not in self.store.events(self.run.id):
            self._append({}, [*self.notes.events, event])
        fresh, self.fresh = self.fresh, 0
        added = f"{fresh:,} {'new ' if self.known else ''}points" if fresh else "nothing new"
        sentence = f"{plain(source, 300)}: run {run.name} ({run.id}), {added}, up to step {self.last_step}"
        return Imported(run, fresh, f"{sentence}; {damage}" if damage else sentence, not damage)

    def _damage(self) -> str:
        """What could not be read, and what is odd about the rest."""
        words = [str(damage) for damage in self.damage.values() if damage.count]
        if self.attempts.disordered:
            words.append("its rows are not in order of step, so a restart from a checkpoint cannot be recognised")
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
            if finite[0] / self._unit > EPOCH:
                self.origin = float(finite[0] / self._unit)
        seconds = values / self._unit - (self.origin or 0.0)
        self.seconds = max(self.seconds, float(np.nanmax(seconds[np.isfinite(seconds)])))
        return seconds


def _key(noted: Any) -> SeriesKey:
    """A key as JSON gives it back."""
    return tuple(noted) if isinstance(noted, list) else noted


def _storable(config: dict[str, Any]) -> dict[str, Any]:
    """Hyper-parameters as JSON that a database takes: no lone surrogates."""
    return json.loads(json.dumps(config, ensure_ascii=False, default=str).encode("utf-8", "replace")) if config else {}
