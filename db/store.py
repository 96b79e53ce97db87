"""The store: a URL, one connection pool, and every question that the dashboard, the command line and a script ask."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
from sqlalchemy import Connection, text

from ..errors import StoreError
from .descriptions import complete, described
from .findings import Findings
from .intake import Intake
from .journal.frames import Key
from .journal.tail import Tail
from .journal.unfolded import Unfolded
from .places import SILENT_SECONDS, journal_folder, store_path
from .records import Attempt, Buckets, Description, Evaluation, Event, Plan, Prediction, Run, Series
from .series import pyramid
from .series.lineage import FAR, Piece, last_step, line, read_attempts, settled, window
from .series.many import Many
from .series.reader import Reading, bucket_size
from .tables import engine as engines
from .views import Views

_JSON = ("config", "provenance", "size", "tags")
_FIELDS = {f.name for f in fields(Run)}
_MARKS = "SELECT name, folded, state, retired FROM journals"


class Store(Intake, Findings, Views, Many):
    """Opens a store for reading and for edits; safe to share between threads, and beside any number of writers.

    `url` is a path or `sqlite:///PATH`. `create=False` raises StoreError where there is none. A store in an older shape
    is migrated; a newer one, a file that is no database, a folder, or a locked file raise StoreError in one sentence.
    """

    def __init__(self, url: str | os.PathLike = "runs.db", *, create: bool = True, readonly: bool = False):
        self.path = store_path(url)
        self.engine = engines.open_engine(self.path, create=create, readonly=readonly)
        self.tail = Tail(journal_folder(self.path))

    def close(self) -> None:
        self.engine.dispose()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[tuple[Connection, Unfolded]]:
        """A connection and the journals' unfolded rest that belong to one moment."""
        with engines.explained(self.path), contextlib.ExitStack() as stack:
            for last_try in (False, False, False, True):
                connection = stack.enter_context(self.engine.connect())
                with self.tail.lock:
                    files = self.tail.files()
                    marks = {name: rest for name, *rest in connection.execute(text(_MARKS))}
                    try:
                        rest = self.tail.refresh(files, marks, strict=not last_try)
                        break
                    except FileNotFoundError:  # folded and deleted in between: a new look sees it in the tables
                        connection.close()
            yield connection, rest

    def version(self, run: str | None = None) -> tuple:
        """Changes when anything of the run (None: of any run) was written; costs a few file statuses, reads no data."""
        stamps = []
        for suffix in ("", "-wal"):
            try:
                found = os.stat(f"{self.path}{suffix}")
                stamps.append((found.st_size, found.st_mtime_ns))
            except FileNotFoundError:
                stamps.append(None)
        return (*stamps, self.tail.sizes(run))

    # ---- runs ----

    def runs(self) -> list[Run]:
        """Every run, newest first. One whose writer is gone reads as "stopped", whatever it last said of itself."""
        with self.snapshot() as (connection, rest):
            rows = {row["id"]: dict(row) for row in connection.execute(text("SELECT * FROM runs")).mappings()}
            for row in rows.values():
                row.update({name: json.loads(row[name]) for name in _JSON})
            for run, attempt, kind, note in rest.notes(None, "run", "attempt", "update", "close"):
                _overlay(rows, run, attempt, kind, note)
            last, starts = _ends(connection, rest)
            out = [_resolved(row, rest, last.get(run, {}), starts.get(run, {})) for run, row in rows.items()]
        return sorted(out, key=lambda run: (run.started, run.id), reverse=True)

    def run(self, name_or_id: str) -> Run:
        """The run with this id, or the newest of this name. StoreError that names close matches."""
        runs = self.runs()
        found = [r for r in runs if r.id == name_or_id] or [r for r in runs if r.name == name_or_id]
        if found:
            return found[0]
        close = difflib.get_close_matches(name_or_id, [r.name for r in runs] + [r.id for r in runs], 3, 0.5)
        hint = f"did you mean {', '.join(close)}?" if close else "`barograph runs` lists what there is"
        raise StoreError(f"no run {name_or_id[:80]!r} in {self.path}; {hint}")

    def attempts(self, run: str) -> list[Attempt]:
        """The run's uninterrupted stretches in order."""
        with self.snapshot() as (connection, rest):
            return settled(read_attempts(connection, rest, run), rest.live(run) is not None)

    def lineage(self, run: str) -> list[Piece]:
        """The surviving line as (attempt, low, high): steps in (low, high] of each attempt, in order of step."""
        with self.snapshot() as (connection, rest):
            return line(read_attempts(connection, rest, run))

    # ---- signals and points ----

    def signals(self, run: str) -> dict[str, Description]:
        """What the run recorded: descriptions with their parts, in the order in which they were first recorded."""
        return {name: found for name, found in self.descriptions(run).items() if found.parts}

    def descriptions(self, run: str) -> dict[str, Description]:
        """`signals`, and behind them without parts what the run described but did not record."""
        with self.snapshot() as (connection, rest):
            keys = _keys(connection, rest, run)
            said = described(connection, rest, run)
        parts: dict[str, list[tuple[str, ...]]] = {}
        for key in keys:
            name, part = (key, ()) if isinstance(key, str) else (key[0], key[1:])
            parts.setdefault(name, []).append(part)
        names = dict.fromkeys((*parts, *said))
        return {name: complete(said.get(name, Description(name)), tuple(parts.get(name, ()))) for name in names}

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
        low = after + 1 if after is not None else lo
        key = (signal, *part) if part else signal
        within = window(low, hi)
        with self.snapshot() as (connection, rest):
            pieces = _pieces(connection, rest, run, within, attempt)
            found = [Reading(connection, rest, run, p.attempt, key).points(*p.share(*within)) for p in pieces]
        found = found or [(np.empty(0, np.int64), np.empty(0))]
        return Series(signal, tuple(part), np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]))

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
        key = (signal, *part) if part else signal
        within = window(lo, hi)
        with self.snapshot() as (connection, rest):
            pieces = _pieces(connection, rest, run, within, attempt)
            return _buckets(connection, rest, run, key, pieces, within, width)

    def grid(
        self,
        run: str,
        signal: str,
        *,
        lo: int | None = None,
        hi: int | None = None,
        width: int = 200,
        most: int | None = None,
    ):
        """All parts of a signal, or the first `most`, on common step bins, for a heat map.

        Returns (parts [p], edges int64 [c + 1], low, high, mean float64 [p, c]); NaN where a part has no point.
        """
        within = window(lo, hi)
        with self.snapshot() as (connection, rest):
            pieces = _pieces(connection, rest, run, within)
            keys = [k for k in _keys(connection, rest, run) if (k if isinstance(k, str) else k[0]) == signal][:most]
            found = [_buckets(connection, rest, run, key, pieces, within, width) for key in keys]
        found = [(key, b) for key, b in zip(keys, found, strict=True) if len(b)]
        parts = [() if isinstance(key, str) else key[1:] for key, _ in found]
        if not found:
            return [], np.zeros(1, np.int64), *(np.empty((0, 0)) for _ in range(3))
        start, end = min(b.first[0] for _, b in found), max(b.last[-1] for _, b in found)
        edges = np.unique(np.concatenate([b.first for _, b in found]))
        if len(edges) <= 2 * width:  # the buckets' own borders: no bin is empty for want of a bucket in it
            edges = np.append(edges, end + max(1, (end - start) // max(len(edges) - 1, 1)))
        else:
            edges = np.ceil(np.linspace(start, end + 1, min(width, end - start + 1) + 1)).astype(np.int64)
        columns = len(edges) - 1
        low, high, mean = (np.full((len(found), columns), np.nan) for _ in range(3))
        for row, (_, b) in enumerate(found):
            column = np.clip(np.searchsorted(edges, (b.first + b.last) // 2, side="right") - 1, 0, columns - 1)
            starts = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
            at = column[starts]
            low[row, at] = np.fmin.reduceat(b.low, starts)
            high[row, at] = np.fmax.reduceat(b.high, starts)
            weight = (b.n - b.bad).astype(float)
            total = np.add.reduceat(weight, starts)
            share = weight / np.maximum(np.repeat(total, np.diff(starts, append=len(b))), 1.0)
            summed = np.add.reduceat(np.where(weight > 0, b.mean, 0.0) * share, starts)
            mean[row, at] = np.where(total > 0, summed, np.nan)
        return parts, edges, low, high, mean

    def latest(self, run: str) -> dict[Key, tuple[int, float]]:
        """The newest point of every series on the surviving line, as (step, value)."""
        out: dict[Key, tuple[int, float]] = {}
        with self.snapshot() as (connection, rest):
            fresh = rest.keys(run)
            for piece in reversed(_pieces(connection, rest, run)):
                sql = "SELECT signal, part, last_step, last_value FROM series WHERE run = :run AND attempt = :attempt"
                rows = connection.execute(text(sql), {"run": run, "attempt": piece.attempt})
                found = {_key(*row[:2]): row[2:] for row in rows}
                for key in found | {key: None for at, key in fresh if at == piece.attempt}:
                    step, value = found.get(key) or (None, None)
                    steps, values = rest.points(run, piece.attempt, key)
                    if len(steps) and (step is None or steps[-1] >= step):
                        step, value = int(steps[-1]), float(values[-1])
                    if step is not None and step > piece.high:  # its end was abandoned: the newest point is inside
                        steps, values = Reading(connection, rest, run, piece.attempt, key).newest(piece.high)
                        step, value = (int(steps[0]), float(values[0])) if len(steps) else (None, None)
                    if step is not None and step > piece.low:
                        out.setdefault(key, (step, float("nan") if value is None else value))
        return out

    def axis(self, run: str, steps: np.ndarray, axis: str) -> np.ndarray:
        """Steps as "step", "tokens", "time" (seconds since the start), "flops" or "epoch", float64 of the same length.

        Between recorded points it is linear. StoreError where the run did not record what the axis needs.
        """
        steps = np.asarray(steps, float)
        if axis == "step":
            return steps
        if axis not in ("tokens", "time", "flops", "epoch"):
            raise StoreError(f"no axis {axis!r}; expected step, tokens, time, flops or epoch")
        scale = 1.0
        if axis == "flops":
            scale = self.run(run).flops_per_token
            if not scale:
                raise StoreError("this run has no FLOPs rule; pass flops_per_token= to watch")
        knots = self.buckets(run, "tokens" if axis == "flops" else axis, width=2000)
        seen = ~np.isnan(knots.low)
        if not seen.any():
            need = {"time": "record with watch", "epoch": "log epoch=... with the loss"}
            raise StoreError(f"this run did not record {axis}; {need.get(axis, 'log tokens=... with the loss')}")
        x = np.stack([knots.low_at[seen], knots.high_at[seen]], 1).ravel().astype(float)
        y = np.stack([knots.low[seen], knots.high[seen]], 1).ravel() * scale
        by = np.argsort(x, kind="stable")
        x, y = x[by], np.maximum.accumulate(y[by])
        out = np.interp(steps, x, y)
        if len(x) > 1 and x[-1] > x[0]:  # beyond what was recorded: at the mean pace
            out = np.where(steps > x[-1], y[-1] + (steps - x[-1]) * (y[-1] - y[0]) / (x[-1] - x[0]), out)
        return out

    # ---- the rest of the timeline ----

    def events(self, run: str) -> list[Event]:
        """The run's timeline in order of step."""
        sql = "SELECT step, kind, text, time, attempt, data FROM events WHERE run = :run ORDER BY id"
        with self.snapshot() as (connection, rest):
            rows = connection.execute(text(sql), {"run": run}).fetchall()
            found = [Event(*row[:5], json.loads(row[5])) for row in rows]
            found += [Event(**note) for note in rest.contents(run, "event")]
        return sorted(found, key=lambda event: (event.step, event.time))

    def evaluations(self, run: str) -> list[Evaluation]:
        """Every evaluation in order of step."""
        names = "step, task, metric, value, n, n_invalid, subset, weights, time, attempt"
        with self.snapshot() as (connection, rest):
            sql = f"SELECT {names} FROM evaluations WHERE run = :run"
            notes = [dict(row) for row in connection.execute(text(sql), {"run": run}).mappings()]
            notes += rest.contents(run, "evaluation")
        key = ("attempt", "step", "task", "metric", "subset", "weights")
        unique = {tuple(note[k] for k in key): note for note in notes}
        found = [Evaluation(**{**note, "value": float(note["value"])}) for note in unique.values()]
        return sorted(found, key=lambda e: (e.step, e.attempt, e.task, e.metric))

    def plans(self, run: str) -> list[Plan]:
        """The planned learning rates, newest last."""
        sql = "SELECT lr_group, made_at, origin, knots FROM plans WHERE run = :run ORDER BY id"
        with self.snapshot() as (connection, rest):
            rows = [(*row[:3], json.loads(row[3])) for row in connection.execute(text(sql), {"run": run})]
            rows += [(n["lr_group"], n["made_at"], n["origin"], n["knots"]) for n in rest.contents(run, "plan")]
        out = []
        for group, made_at, origin, knots in rows:
            table = np.array(knots, float).reshape(-1, 2)
            out.append(Plan(table[:, 0].astype(np.int64), table[:, 1], group, origin, made_at))
        return out

    def predictions(self, run: str) -> list[Prediction]:
        """Every forecast as it was made, oldest first."""
        with self.snapshot() as (connection, rest):
            sql = "SELECT * FROM forecasts WHERE run = :run ORDER BY attempt, made_at, for_step"
            rows = [dict(row) for row in connection.execute(text(sql), {"run": run}).mappings()]
        numbers = ("mid", "low50", "high50", "low90", "high90")
        for row in rows:
            del row["run"]
            row.update({name: float("nan") for name in numbers if row[name] is None})
        return [Prediction(**row) for row in rows]

    def frame(self, run: str, *signals: str, axis: str = "step", width: int | None = None):
        """Series as a pandas table in long form: step, [axis], signal, part, value; with `width` buckets' means."""
        from .series.frame import frame

        return frame(self, run, *signals, axis=axis, width=width)


def _key(signal: str, part: str) -> Key:
    return (signal, *json.loads(part)) if part != "[]" else signal


def _keys(connection: Connection, rest: Unfolded, run: str) -> dict[Key, None]:
    """Every series of a run, in the order of their first points."""
    rows = connection.execute(text("SELECT signal, part FROM series WHERE run = :run ORDER BY id"), {"run": run})
    return {_key(*row): None for row in rows} | {key: None for _, key in rest.keys(run)}


def _pieces(connection, rest: Unfolded, run: str, within=(-FAR, FAR), attempt: int | None = None) -> list[Piece]:
    """What to read of a run: its surviving line, or one attempt whole."""
    if attempt is not None:
        return [Piece(attempt, *window(None, None))]
    return line(read_attempts(connection, rest, run), within)


def _buckets(connection, rest: Unfolded, run: str, key: Key, pieces: list[Piece], within, width: int) -> Buckets:
    readings = [(Reading(connection, rest, run, piece.attempt, key), piece) for piece in pieces]
    spans = [reading.span(piece, *within) for reading, piece in readings]
    size = bucket_size(sum(max(b - a, 0) for a, b in spans), width)
    found = [reading.buckets(piece, *within, size) for reading, piece in readings]
    joined = np.concatenate(found) if found else np.empty(0, pyramid.BUCKET)
    signal, part = (key, ()) if isinstance(key, str) else (key[0], key[1:])
    return Buckets(signal, part, **{name: joined[name] for name in pyramid.BUCKET.names})


def _overlay(rows: dict[str, dict], run: str, attempt: int, kind: str, note: dict) -> None:
    """Applies one unfolded note to the rows of the runs; as in the tables, a later attempt has the last word."""
    fresh = {k: v for k, v in note.items() if k in _FIELDS}
    if kind == "run":
        rows.setdefault(run, fresh)
    elif run in rows and rows[run]["attempt"] <= attempt:
        if kind == "attempt":
            fresh = {"attempt": attempt, "state": "running", "ended": None}
        elif kind == "close":
            fresh = {"state": note["state"], "ended": note["time"], "last_seen": note["time"]}
        rows[run].update(fresh)


def _ends(connection: Connection, rest: Unfolded) -> tuple[dict[str, dict[int, int]], dict[str, dict[int, int]]]:
    """Of every run's attempts: the last step with a point, and the step from which it goes on."""
    last: dict[str, dict[int, int]] = {}
    sql = "SELECT run, attempt, max(last_step) FROM series WHERE last_step IS NOT NULL GROUP BY run, attempt"
    for run, attempt, step in (*connection.execute(text(sql)), *rest.last_steps()):
        known = last.setdefault(run, {})
        known[attempt] = max(step, known.get(attempt, step))
    starts: dict[str, dict[int, int]] = {}
    rows = connection.execute(text("SELECT run, number, from_step FROM attempts"))
    notes = [(run, number, note["from_step"]) for run, number, _, note in rest.notes(None, "attempt")]
    for run, number, step in (*rows, *notes):
        starts.setdefault(run, {})[number] = step
    return last, starts


def _resolved(row: dict, rest: Unfolded, last: dict[int, int], starts: dict[int, int]) -> Run:
    known = {k: v for k, v in row.items() if k in _FIELDS}
    run = Run(**known | {"tags": tuple(row["tags"]), "last_step": last_step(starts, last)})
    if run.state == "running":
        touched = rest.live(run.id) or _followed(run)
        run = replace(run, state="running" if touched else "stopped", last_seen=max(run.last_seen, touched or 0))
    return run


def _followed(run: Run) -> float | None:
    """When the log behind a run was last seen growing; None once nobody says so any more."""
    lately = time.time() - run.last_seen < SILENT_SECONDS
    return run.last_seen if lately and "imported_from" in run.provenance else None
