"""The store's writing half outside of training: folding what dead writers left, imports, and a user's edits."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from sqlalchemy import insert, text

from ..errors import StoreError
from .journal import frames
from .journal.frames import Cursor, Key
from .journal.tail import opening
from .places import on_network
from .records import Attempt, Description, Evaluation, Event, Plan, Prediction, Run
from .series import pyramid
from .series.fold import fold, mark, retire, sound, take_note, write_points
from .tables import engine as engines
from .tables import schema

_TABLES = ("findings", "forecasts", "attempts", "signals", "series", "events", "evaluations", "plans", "journals")


class Intake:
    """What `Store` can change; needs its `engine`, `tail` and `path`."""

    def fold(self) -> int:
        """Folds the journals whose writers are dead and marks their runs as stopped; how many journals went in.

        On a network file system the living writers' journals too: there the reader's host alone opens SQLite.
        """
        if self.engine.url.query.get("mode") == "ro":
            return 0
        done, dead, files = 0, set(self.tail.dead()), self.tail.files()
        for path in files if on_network(self.path) else sorted(dead):
            left = path in dead or any(path.stem.split(".")[:-1] == p.stem.split(".")[:-1] and p > path for p in files)
            with contextlib.suppress(FileNotFoundError):  # another opener was faster
                done += self._fold_one(path, left, path in dead)
        return done

    def _fold_one(self, path: Path, left: bool, dead: bool) -> bool:
        """Folds one journal; `left`: nobody writes to it any more."""
        ended = path.stat().st_mtime
        while fold(self.engine, path, final=left):
            pass
        with self.engine.connect() as connection:
            cursor, run, damaged = mark(connection, path.name)
        if run is None:
            _, notes, stopped = frames.read(path.read_bytes()[len(frames.MAGIC) :], Cursor())
            if dead and not notes and stopped != "damaged":
                path.unlink()  # killed while it was being begun: nothing had been said yet
            return False
        if dead and cursor is not None:
            self._mark_stopped(run, cursor.attempt, ended)
        return left and damaged is None and retire(self.engine, path)

    def _mark_stopped(self, run: str, attempt: int, ended: float) -> None:
        values = {"run": run, "attempt": attempt, "ended": ended}
        with engines.writing(self.engine) as connection:
            for table, key, number in (("runs", "id", "attempt"), ("attempts", "run", "number")):
                change = f"UPDATE {table} SET state = 'stopped', ended = :ended"
                where = f"{key} = :run AND {number} <= :attempt AND state = 'running'"
                connection.execute(text(f"{change} WHERE {where}"), values)

    def append(
        self,
        run: Run,
        points: dict[Key, tuple[np.ndarray, np.ndarray]],
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
        They belong to `run.attempt`, which continues from `from_step`, unless `attempts` say more of it and others.
        """
        number = run.attempt
        with engines.writing(self.engine) as connection:
            take_note(connection, run.id, number, {"run": asdict(run)})
            for attempt in attempts:
                take_note(connection, run.id, number, {"attempt": asdict(attempt)})
            began = {"number": number, "from_step": from_step, "started": run.started}
            began |= {"state": run.state, "ended": run.ended}
            take_note(connection, run.id, number, {"attempt": began})
            end = {name: getattr(run, name) for name in ("state", "ended", "last_seen", "steps_planned")}
            end |= {name: value for name in ("project", "started") if (value := getattr(run, name))}
            take_note(connection, run.id, number, {"update": end | {"config": run.config}})
            for description in descriptions:
                entry = {k: v for k, v in asdict(description).items() if k != "parts"}
                take_note(connection, run.id, number, {"describe": entry})
            merged = {}
            for key, (steps, values) in points.items():
                arrays = np.asarray(steps, np.int64), np.asarray(values, float)
                merged[number, key] = pyramid.merge(*arrays)
            write_points(connection, run.id, merged)
            for event in events:
                entry = asdict(replace(event, time=event.time or run.started))
                same = "run = :run AND attempt = :attempt AND step = :step AND kind = :kind AND text = :text"
                if event.kind == "import":  # how the log was last read, in place of the time before
                    same = "run = :run AND kind = :kind"
                connection.execute(text(f"DELETE FROM events WHERE {same}"), _bound(entry, run.id))
                take_note(connection, run.id, number, {"event": entry})
            for evaluation in evaluations:
                take_note(connection, run.id, number, {"evaluation": asdict(evaluation)})
            for plan in plans:
                entry = _plan_note(plan)["plan"]
                same = "run = :run AND lr_group = :lr_group AND made_at = :made_at AND origin = :origin"
                connection.execute(text(f"DELETE FROM plans WHERE {same}"), _bound(entry, run.id))
                take_note(connection, run.id, number, {"plan": entry})

    def predict(self, run: str, prediction: Prediction) -> None:
        """Keeps a forecast as it was made; the same one again replaces itself."""
        row = {"run": run, **asdict(prediction), "time": prediction.time or time.time()}
        with engines.writing(self.engine) as connection:
            connection.execute(insert(schema.forecasts).prefix_with("OR REPLACE").values(row))

    def plan(self, run: str, plan: Plan) -> None:
        """Saves a planned learning rate with a run, e.g. one that the user has confirmed."""
        with engines.writing(self.engine) as connection:
            take_note(connection, run, plan.made_at, _plan_note(plan))

    def edit(
        self, run: str, *, name: str | None = None, note: str | None = None, tags: Iterable[str] | None = None
    ) -> None:
        """A user's own words about a run; StoreError for an empty name."""
        if name is not None and not name.strip():
            raise StoreError("a run's name cannot be empty; give it at least one letter")
        change = {
            "name": name,
            "note": note,
            "tags": None if tags is None else json.dumps(list(tags), ensure_ascii=False),
        }
        change = {k: sound(v) for k, v in change.items() if v is not None}
        self._change(run, change)

    def request_stop(self, run: str, reason: str = "asked for in the dashboard") -> None:
        """Asks a running run to stop; its training loop sees `run.should_stop` and the reason as `run.stop_reason`.

        It is the attempt at work that is asked: a run that is taken up again later is not stopped once more.
        """
        self._change(run, {"stop_requested": 1 + self.run(run).attempt, "stop_reason": sound(reason)})

    def _change(self, run: str, change: dict) -> None:
        if not change:
            return
        sets = ", ".join(f"{column} = :{column}" for column in change)
        with engines.writing(self.engine) as connection:
            done = connection.execute(text(f"UPDATE runs SET {sets} WHERE id = :which"), {**change, "which": run})
            if done.rowcount == 0:
                raise StoreError(
                    f"no run {run[:80]!r} in the store's tables yet; if it has just begun, try again in a moment"
                )

    def delete(self, run: str) -> None:
        """Removes a run and all that it recorded. StoreError while it is still being written."""
        with self.snapshot() as (_, rest):
            if rest.live(run):
                raise StoreError("this run is still being written; stop it first")
        files = [path for path in self.tail.files() if path.name.startswith(run + ".")]
        with engines.writing(self.engine) as connection:
            which = {"run": run}
            connection.execute(
                text("DELETE FROM tiles WHERE series IN (SELECT id FROM series WHERE run = :run)"), which
            )
            for table in _TABLES:
                connection.execute(text(f"DELETE FROM {table} WHERE run = :run"), which)
            connection.execute(text("DELETE FROM runs WHERE id = :run"), which)
            for path in files:  # so that nobody takes them in again before they are gone
                row = {"name": path.name, "run": run, "folded": 0, "state": "", "retired": 1}
                connection.execute(insert(schema.journals).values(row))
        for path in files:
            path.unlink(missing_ok=True)
        with engines.writing(self.engine) as connection:
            connection.execute(text("DELETE FROM journals WHERE run = :run AND retired"), which)

    def check(self) -> list[str]:
        """What is wrong with the file and its journals, a sentence each; [] when all is sound."""
        problems = [f"SQLite: {line}" for line in engines.integrity(self.engine)]
        if problems:
            return problems
        for path in self.tail.dead():
            with contextlib.suppress(FileNotFoundError):
                if opening(path)[0] is None:
                    problems.append(f"journal {path.name} cannot be read, not even its beginning; it stays where it is")
        with self.engine.connect() as connection:
            sql = "SELECT name, damaged_at FROM journals WHERE damaged_at IS NOT NULL"
            for name, at in connection.execute(text(sql)):
                problems.append(f"journal {name} is damaged at byte {at}; what stands before it has been taken in")
            sql = (
                "SELECT s.run, s.signal, s.part, s.n, coalesce(sum(t.n), 0) AS held FROM series s "
                "LEFT JOIN tiles t ON t.series = s.id AND t.level = 0 GROUP BY s.id HAVING held <> s.n"
            )
            for run, signal, part, n, held in connection.execute(text(sql)):
                problems.append(f"run {run}: {signal} {part} should have {n} points and has {held}")
            sql = "SELECT n, first_step, last_step, data FROM tiles WHERE level = 0"
            for n, first, last, data in connection.execution_options(yield_per=100).execute(text(sql)):
                try:
                    steps = pyramid.decode(data, n, first)[0]
                    if steps[-1] != last or (np.diff(steps) <= 0).any():
                        problems.append(f"the {n} points of steps {first} to {last} of a series are out of order")
                except StoreError as error:
                    problems.append(str(error))
            for (run,) in connection.execute(text("SELECT run FROM series EXCEPT SELECT id FROM runs")):
                problems.append(f"series of a run that is not there: {run}")
        return problems


def _plan_note(plan: Plan) -> dict:
    knots = np.stack([plan.steps, plan.values], 1).tolist()
    return {"plan": {"lr_group": plan.group, "made_at": plan.made_at, "origin": plan.origin, "knots": knots}}


def _bound(entry: dict, run: str) -> dict:
    return {k: sound(v) if isinstance(v, str) else v for k, v in entry.items() if k not in ("data", "knots")} | {
        "run": run
    }
