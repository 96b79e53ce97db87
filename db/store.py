"""The store: a URL, one connection pool, and every question that the dashboard, the command line and a script ask."""

from __future__ import annotations

import difflib
import json
import os
from dataclasses import fields, replace

import numpy as np
from sqlalchemy import Connection, text

from . import engine as engines
from . import pyramid
from .errors import StoreError
from .fold import split
from .frames import Key
from .intake import Intake
from .places import journal_folder, store_path
from .reader import Piece, Reading, bucket_size, clipped
from .records import Attempt, Buckets, Description, Evaluation, Event, Plan, Prediction, Run, Series
from .tail import Tail

_FAR = 2**62
_JSON = ("config", "provenance", "size", "tags")


class Store(Intake):
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

    def snapshot(self):
        """A connection whose reads and whose view of the journals belong to one moment."""
        return _Snapshot(self)

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
        with self.snapshot() as connection:
            rows = {row["id"]: dict(row) for row in connection.execute(text("SELECT * FROM runs")).mappings()}
            for row in rows.values():
                row.update({name: json.loads(row[name]) for name in _JSON})
            for kind in ("run", "attempt", "update", "close"):
                for run, note in self.tail.notes(None, kind):
                    _overlay(rows, run, kind, note)
            sql = "SELECT run, attempt, max(last_step) FROM series WHERE last_step IS NOT NULL GROUP BY run, attempt"
            last = {(run, attempt): step for run, attempt, step in connection.execute(text(sql))}
            out = [self._resolved(row, last) for row in rows.values()]
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

    def _resolved(self, row: dict, last: dict[tuple[str, int], int]) -> Run:
        known = {f.name for f in fields(Run)}
        run = Run(**{k: v for k, v in row.items() if k in known and k != "tags"}, tags=tuple(row["tags"]))
        steps = [last[run.id, run.attempt]] if (run.id, run.attempt) in last else []
        steps += [int(end) for end in self.tail.last_steps(run.id, run.attempt)]
        run = replace(run, last_step=max(steps) if steps else None)
        if run.state == "running":
            touched = self.tail.live(run.id)
            run = replace(run, state="running" if touched else "stopped", last_seen=max(run.last_seen, touched or 0))
        return run

    def attempts(self, run: str) -> list[Attempt]:
        """The run's uninterrupted stretches in order."""
        with self.snapshot() as connection:
            sql = "SELECT number, from_step, started, ended, state FROM attempts WHERE run = :run ORDER BY number"
            found = {row[0]: Attempt(*row) for row in connection.execute(text(sql), {"run": run})}
            for _, note in self.tail.notes(run, "attempt"):
                found.setdefault(note["number"], Attempt(**note))
        return [found[number] for number in sorted(found)] or [Attempt(0, 0, 0.0)]

    def lineage(self, run: str) -> list[Piece]:
        """The surviving line as (attempt, low, high): steps in (low, high] of each attempt, in order of step."""
        attempts = self.attempts(run)
        pieces, ceiling = [], _FAR
        for attempt in reversed(attempts):
            low = attempt.from_step if attempt.number > attempts[0].number else -_FAR
            if low < ceiling:
                pieces.append(Piece(attempt.number, low, ceiling))
            ceiling = min(ceiling, low)
        return pieces[::-1]

    # ---- signals and points ----

    def signals(self, run: str) -> dict[str, Description]:
        """What the run recorded: descriptions with their parts, in the order in which they were first recorded."""
        with self.snapshot() as connection:
            keys = self._keys(connection, run)
            sql = "SELECT name, unit, sentence, better, axes FROM signals WHERE run = :run"
            said = {
                name: Description(name, unit, sentence, better, tuple(json.loads(axes)))
                for name, unit, sentence, better, axes in connection.execute(text(sql), {"run": run})
            }
            for _, note in self.tail.notes(run, "describe"):
                said[note["name"]] = Description(**{**note, "axes": tuple(note["axes"])})
        parts: dict[str, list[tuple[str, ...]]] = {}
        for key in keys:
            name, part = (key, ()) if isinstance(key, str) else (key[0], key[1:])
            parts.setdefault(name, []).append(part)
        return {name: replace(said.get(name, Description(name)), parts=tuple(found)) for name, found in parts.items()}

    def _keys(self, connection: Connection, run: str) -> dict[Key, None]:
        sql = "SELECT signal, part FROM series WHERE run = :run ORDER BY id"
        out: dict[Key, None] = {}
        for signal, part in connection.execute(text(sql), {"run": run}):
            out[(signal, *json.loads(part)) if part != "[]" else signal] = None
        for _, key in self.tail.keys(run):
            out[key] = None
        return out

    def _pieces(self, run: str, low: int | None, high: int | None, attempt: int | None) -> list[Piece]:
        line = self.lineage(run) if attempt is None else [Piece(attempt, -_FAR, _FAR)]
        return list(clipped(line, low, high))

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
        pieces = self._pieces(run, low, hi, attempt)
        with self.snapshot() as connection:
            found = [Reading(connection, self.tail, run, p.attempt, key).points(p.low, p.high) for p in pieces]
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
        """The series at a chart's resolution: `width` to 2 x `width` buckets with their extremes, at any length of run."""
        key = (signal, *part) if part else signal
        pieces = self._pieces(run, lo, hi, attempt)
        with self.snapshot() as connection:
            return self._buckets(connection, run, key, pieces, width)

    def _buckets(self, connection: Connection, run: str, key: Key, pieces: list[Piece], width: int) -> Buckets:
        readings = [(Reading(connection, self.tail, run, p.attempt, key), p) for p in pieces]
        spans = [reading.span(p.low, p.high) for reading, p in readings]
        size = bucket_size(sum(b - a for a, b in spans), width)
        found = [reading.buckets(p.low, p.high, size) for reading, p in readings]
        joined = np.concatenate(found) if found else np.empty(0, pyramid.BUCKET)
        signal, part = (key, ()) if isinstance(key, str) else (key[0], key[1:])
        return Buckets(signal, part, **{name: joined[name] for name in pyramid.BUCKET.names})

    def grid(self, run: str, signal: str, *, lo: int | None = None, hi: int | None = None, width: int = 200):
        """All parts of a signal on common step bins, for a heat map.

        Returns (parts [p], edges int64 [c + 1], low, high, mean float64 [p, c]); NaN where a part has no point.
        """
        pieces = self._pieces(run, lo, hi, None)
        with self.snapshot() as connection:
            keys = [k for k in self._keys(connection, run) if (k if isinstance(k, str) else k[0]) == signal]
            found = [self._buckets(connection, run, key, pieces, width) for key in keys]
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
            summed = np.add.reduceat(np.where(weight > 0, b.mean, 0.0) * weight, starts)
            mean[row, at] = np.divide(summed, total, out=np.full(len(at), np.nan), where=total > 0)
        return parts, edges, low, high, mean

    def latest(self, run: str) -> dict[Key, tuple[int, float]]:
        """The newest point of every series on the surviving line, as (step, value)."""
        out: dict[Key, tuple[int, float]] = {}
        line = {piece.attempt: piece.high for piece in self.lineage(run)}
        with self.snapshot() as connection:
            sql = "SELECT attempt, signal, part, last_step, last_value FROM series WHERE run = :run ORDER BY attempt"
            cut = []
            for attempt, signal, part, step, value in connection.execute(text(sql), {"run": run}).fetchall():
                key = (signal, *json.loads(part)) if part != "[]" else signal
                if step is not None and attempt in line:
                    if step > line[attempt]:  # its end was abandoned: the newest point is inside
                        cut.append((attempt, key))
                    else:
                        out[key] = step, float("nan") if value is None else value
            cut += [where for where in self.tail.keys(run) if where[0] in line]
            for attempt, key in cut:
                reading = Reading(connection, self.tail, run, attempt, key)
                steps, values = reading.points(reading.before(line[attempt]), line[attempt])
                if len(steps) and steps[-1] >= out.get(key, (-_FAR,))[0]:
                    out[key] = int(steps[-1]), float(values[-1])
        return out

    def axis(self, run: str, steps: np.ndarray, axis: str) -> np.ndarray:
        """Steps as "step", "tokens", "time" (seconds since the start) or "flops", float64 of the same length.

        Between recorded points it is linear. StoreError where the run did not record what the axis needs.
        """
        steps = np.asarray(steps, float)
        if axis == "step":
            return steps
        if axis not in ("tokens", "time", "flops"):
            raise StoreError(f"no axis {axis!r}; expected step, tokens, time or flops")
        scale = 1.0
        if axis == "flops":
            scale = self.run(run).flops_per_token
            if not scale:
                raise StoreError("this run has no FLOPs rule; pass flops_per_token= to watch")
        knots = self.buckets(run, "tokens" if axis == "flops" else axis, width=2000)
        seen = ~np.isnan(knots.low)
        if not seen.any():
            need = "log tokens=... with the loss" if axis != "time" else "record with watch"
            raise StoreError(f"this run did not record {axis}; {need}")
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
        with self.snapshot() as connection:
            rows = connection.execute(text(sql), {"run": run}).fetchall()
            found = [Event(*row[:5], json.loads(row[5])) for row in rows]
            found += [Event(**note) for _, note in self.tail.notes(run, "event")]
        return sorted(found, key=lambda event: (event.step, event.time))

    def evaluations(self, run: str) -> list[Evaluation]:
        """Every evaluation in order of step."""
        names = "step, task, metric, value, n, n_invalid, subset, weights, time, attempt"
        with self.snapshot() as connection:
            sql = f"SELECT {names} FROM evaluations WHERE run = :run"
            notes = [dict(row) for row in connection.execute(text(sql), {"run": run}).mappings()]
            notes += [note for _, note in self.tail.notes(run, "evaluation")]
        key = ("attempt", "step", "task", "metric", "subset", "weights")
        unique = {tuple(note[k] for k in key): note for note in notes}
        found = [Evaluation(**{**note, "value": float(note["value"])}) for note in unique.values()]
        return sorted(found, key=lambda e: (e.step, e.attempt, e.task, e.metric))

    def plans(self, run: str) -> list[Plan]:
        """The planned learning rates, newest last."""
        sql = "SELECT lr_group, made_at, origin, knots FROM plans WHERE run = :run ORDER BY id"
        with self.snapshot() as connection:
            rows = [(*row[:3], json.loads(row[3])) for row in connection.execute(text(sql), {"run": run})]
            rows += [(n["lr_group"], n["made_at"], n["origin"], n["knots"]) for _, n in self.tail.notes(run, "plan")]
        out = []
        for group, made_at, origin, knots in rows:
            table = np.array(knots, float).reshape(-1, 2)
            out.append(Plan(table[:, 0].astype(np.int64), table[:, 1], group, origin, made_at))
        return out

    def predictions(self, run: str) -> list[Prediction]:
        """Every forecast as it was made, oldest first."""
        with self.snapshot() as connection:
            sql = "SELECT * FROM forecasts WHERE run = :run ORDER BY attempt, made_at, for_step"
            rows = [dict(row) for row in connection.execute(text(sql), {"run": run}).mappings()]
        numbers = ("mid", "low50", "high50", "low90", "high90")
        for row in rows:
            del row["run"]
            row.update({name: float("nan") for name in numbers if row[name] is None})
        return [Prediction(**row) for row in rows]

    def frame(self, run: str, *signals: str, axis: str = "step", width: int | None = None):
        """Series as a pandas table in long form: step, [axis], signal, part, value; `width` asks for bucket means instead."""
        from .frame import frame

        return frame(self, run, *signals, axis=axis, width=width)


class _Snapshot:
    """`with store.snapshot() as connection`: a read transaction and the journals' unfolded rest as of then."""

    def __init__(self, store: Store):
        self._store = store

    def __enter__(self) -> Connection:
        with engines.explained(self._store.path):
            for last_try in (False, False, True):
                self._connection = self._store.engine.connect()
                try:
                    sql = "SELECT name, folded, state, retired FROM journals"
                    marks = {name: rest for name, *rest in self._connection.execute(text(sql))}
                    self._store.tail.refresh(marks, strict=not last_try)
                    return self._connection
                except FileNotFoundError:  # folded and deleted in between: a new look sees it in the tables
                    self._connection.close()
                except BaseException:
                    self._connection.close()
                    raise
            raise AssertionError("the last try is not strict")

    def __exit__(self, *_error) -> None:
        self._connection.close()


def _overlay(rows: dict[str, dict], run: str, kind: str, note: dict) -> None:
    """Applies one unfolded note to the rows of the runs."""
    known = {f.name for f in fields(Run)}
    if kind == "run":
        fresh = {k: v for k, v in note.items() if k in known}
        rows.setdefault(run, fresh)
    elif run in rows:
        if kind == "attempt":
            rows[run].update(attempt=note["number"], state="running", ended=None)
        elif kind == "update":
            rows[run].update({k: v for k, v in note.items() if k in known})
        else:
            rows[run].update(state=note["state"], ended=note["time"], last_seen=note["time"])
