"""The store: a path, and every question that the dashboard, the command line and a script ask of it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import NotRecorded
from ..keys import SeriesKey, series_key
from .append import append
from .check import Meter, problems
from .editing import delete, edit, request_stop
from .findings import Findings
from .places.paths import store_path
from .plans import Plans
from .predictions import Predictions
from .reading import many, points, timeline
from .reading.attempts import attempts, pieces
from .reading.axis import on_axis, require_axis
from .reading.database import Database, Version
from .reading.descriptions import descriptions, recorded
from .reading.frame import long_table
from .reading.grid import Grid, grid
from .reading.many import End
from .reading.runs import choose, runs
from .records import Attempt, Buckets, Description, Evaluation, Event, Plan, Run, Series
from .recovery import fold_left_journals
from .series.lineage import FAR, Piece, window
from .stored_secrets import stored_secrets
from .views import Views

if TYPE_CHECKING:
    import pandas


class Store:
    """Opens a store for reading and for edits; safe to share between threads, and beside any number of writers.

    `url` is a path or `sqlite:///PATH`. `create=False` raises StoreError where there is none. A store in an older shape
    is migrated; a newer one, a file that is no database, a folder, or a locked file raise StoreError in one sentence.
    What a run is asked for by its id; a name is turned into one by `run`.
    """

    def __init__(self, url: str | os.PathLike[str] = "runs.db", *, create: bool = True, readonly: bool = False):
        self._database = Database(store_path(url), create=create, readonly=readonly)
        self.path = self._database.path
        self.findings = Findings(self._database)
        """`findings(run)` reads what detectors found; `save`, `judge` and `mark_alerted` change it."""
        self.plans = Plans(self._database)
        """`plans(run)` reads the planned learning rates; `save` adds one."""
        self.predictions = Predictions(self._database)
        """`predictions(run)` reads the forecasts as they were made; `save` adds one."""
        self.views = Views(self._database)
        """`views()` reads the saved views; `save` and `delete` change them."""

    def close(self) -> None:
        """Closes the connections; the store may be opened again."""
        self._database.close()

    def identity(self) -> tuple[int, int] | None:
        """Which file is at the path: differs once it was replaced; None where it was deleted."""
        return self._database.identity()

    def version(self, run: str | None = None) -> Version:
        """Changes when anything of the run (None: of any run) was written; costs a few file statuses, reads no data."""
        return self._database.version(run)

    def runs(self) -> list[Run]:
        """Every run, newest first. One whose writer is gone reads as "killed" or "lost", whatever it last recorded."""
        with self._database.snapshot() as snapshot:
            return runs(snapshot)

    def run(self, name_or_id: str) -> Run:
        """The run with this id, or the newest of this name. NoSuchRun names close matches."""
        return choose(self.runs(), name_or_id, self.path)

    def attempts(self, run: str) -> list[Attempt]:
        """The run's uninterrupted stretches in order."""
        with self._database.snapshot() as snapshot:
            return attempts(snapshot, run)

    def lineage(self, run: str) -> list[Piece]:
        """The surviving line as (attempt, low, high): steps in (low, high] of each attempt, in order of step."""
        with self._database.snapshot() as snapshot:
            return pieces(snapshot, run)

    def signals(self, run: str) -> dict[str, Description]:
        """What the run recorded: descriptions with their parts, in the order in which they were first recorded."""
        return {name: found for name, found in self.descriptions(run).items() if found.parts}

    def descriptions(self, run: str) -> dict[str, Description]:
        """`signals`, and behind them without parts what the run described but did not record."""
        with self._database.snapshot() as snapshot:
            return descriptions(snapshot, run)

    def series(
        self,
        run: str,
        signal: str,
        part: tuple[str, ...] = (),
        *,
        lo: int | None = None,
        hi: int | None = None,
        after: int | None = None,
        attempt: int | None = None,
    ) -> Series:
        """Raw points with lo <= step <= hi on the surviving line; `after`: only newer steps (a live reader's cursor).

        `attempt` reads that attempt whole, abandoned part included. No such series: one without points.
        """
        within = window(after + 1 if after is not None else lo, hi)
        with self._database.snapshot() as snapshot:
            return points.series(snapshot, run, signal, part, within, attempt)

    def buckets(
        self,
        run: str,
        signal: str,
        part: tuple[str, ...] = (),
        *,
        lo: int | None = None,
        hi: int | None = None,
        width: int = 1000,
        attempt: int | None = None,
    ) -> Buckets:
        """The series at a chart's resolution: `width` to 2 x `width` buckets with their extremes."""
        within = window(lo, hi)
        with self._database.snapshot() as snapshot:
            line = pieces(snapshot, run, within, attempt)
            return points.buckets(snapshot, run, series_key(signal, part), line, within, width)

    def grid(
        self,
        run: str,
        signal: str,
        *,
        lo: int | None = None,
        hi: int | None = None,
        width: int = 200,
        most: int | None = None,
    ) -> Grid:
        """All parts of a signal, or the first `most`, on common step bins, for a heat map; NaN where there is no point.

        Returns (parts [p], edges int64 [c + 1], low, high, mean float64 [p, c]).
        """
        with self._database.snapshot() as snapshot:
            return grid(snapshot, run, signal, lo, hi, width, most)

    def latest(self, run: str) -> dict[SeriesKey, tuple[int, float]]:
        """The newest point of every series on the surviving line, as (step, value)."""
        with self._database.snapshot() as snapshot:
            return many.latest(snapshot, run)

    def ends(self, run: str, signals: Collection[str]) -> dict[SeriesKey, End]:
        """Where every series of these signals ends; reads no points."""
        with self._database.snapshot() as snapshot:
            return many.ends(snapshot, run, signals)

    def newer(
        self, run: str, after: Mapping[SeriesKey, int], upto: int = FAR
    ) -> dict[SeriesKey, tuple[np.ndarray, np.ndarray]]:
        """Of each series the points with after[key] < step <= upto on the surviving line: (steps, values), or nothing.

        One consistent look at all of them; steps strictly increasing.
        """
        with self._database.snapshot() as snapshot:
            return many.newer(snapshot, run, after, upto)

    def axis(self, run: str, steps: np.ndarray, axis: str) -> np.ndarray:
        """Steps as "step", "tokens", "time" (seconds since the start), "flops" or "epoch", float64 of the same length.

        Between recorded points it is linear. NotRecorded where the run did not record what the axis needs.
        """
        require_axis(axis)
        steps = np.asarray(steps, float)
        if axis == "step":
            return steps
        if axis != "flops":
            return on_axis(steps, self.buckets(run, axis, width=2000), axis)
        per_token = self.run(run).flops_per_token
        if not per_token:
            raise NotRecorded("this run has no FLOPs per token; pass flops_per_token= to watch")
        return on_axis(steps, self.buckets(run, "tokens", width=2000), axis, per_token)

    def frame(self, run: str, *signals: str, axis: str = "step", width: int | None = None) -> pandas.DataFrame:
        """Signals of a run (none given: all) as a pandas table: step, [axis], signal, part, value; NaN and inf too.

        With `width` each row is a bucket, with columns low and high beside its mean. NotRecorded for a signal that the
        run does not have.
        """
        found = self.signals(run)
        keys = [(name, part) for name in recorded(found, signals, run) for part in found[name].parts]
        if width is None:
            table = long_table(self.series(run, *key) for key in keys)
        else:
            table = long_table(self.buckets(run, *key, width=width) for key in keys)
        if axis != "step":
            table.insert(1, axis, self.axis(run, np.asarray(table["step"], float), axis))
        return table

    def events(self, run: str) -> list[Event]:
        """The run's timeline in order of step."""
        with self._database.snapshot() as snapshot:
            return timeline.events(snapshot, run)

    def evaluations(self, run: str) -> list[Evaluation]:
        """Every evaluation in order of step."""
        with self._database.snapshot() as snapshot:
            return timeline.evaluations(snapshot, run)

    def append(
        self,
        run: Run,
        points: Mapping[SeriesKey, tuple[np.ndarray, np.ndarray]],
        *,
        from_step: int = 0,
        descriptions: Iterable[Description] = (),
        events: Iterable[Event] = (),
        evaluations: Iterable[Evaluation] = (),
        plans: Iterable[Plan] = (),
        attempts: Iterable[Attempt] = (),
    ) -> None:
        """Adds whole series to a run in one transaction, creating it if it is new; doing it twice changes nothing.

        `points` maps a signal's name, or (name, *part), to (steps [n], values [n]); the last value of a step wins.
        They belong to `run.attempt`, which continues from `from_step`, unless `attempts` describe it and others.
        """
        with self._database.writing() as connection:
            append(connection, run, points, from_step, descriptions, events, evaluations, plans, attempts)

    def edit(
        self, run: str, *, name: str | None = None, note: str | None = None, tags: Iterable[str] | None = None
    ) -> None:
        """Changes a run's name, note or tags; StoreError for an empty name."""
        edit(self._database, run, name, note, tags)

    def request_stop(self, run: str, reason: str = "asked for in the dashboard") -> None:
        """Asks a running run to stop; its training loop sees `run.should_stop` and the reason as `run.stop_reason`.

        It is the current attempt that is asked: a run that is resumed later is not stopped once more.
        """
        request_stop(self._database, self.run(run), reason)

    def delete(self, run: str) -> None:
        """Removes a run and all that it recorded. StoreError while it is still being written."""
        delete(self._database, run)

    def fold(self) -> int:
        """Folds the journals whose writers are dead and marks their runs as killed or lost; how many journals went in.

        On a network file system the living writers' journals too: there the reader's host alone opens SQLite.
        """
        return fold_left_journals(self._database)

    def counts(self) -> tuple[int, int]:
        """How many series and how many points the store holds, of all runs and attempts."""
        with self._database.snapshot() as snapshot:
            return many.counts(snapshot)

    def check(self, meter: Meter = lambda series: None) -> list[str]:
        """What is wrong with the file and its journals, a sentence each; [] when all is sound.

        `meter` is given how many series have been verified since it was last called.
        """
        return problems(self._database, meter)

    def secrets(self) -> list[str]:
        """Where the tables hold secrets that an older version let in, a sentence each, without them; [] for none."""
        return stored_secrets(self._database)
