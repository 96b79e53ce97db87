"""What a training process holds: a journal that takes everything at once, folded in by a thread of its own."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ..errors import StoreError
from ..keys import SeriesKey
from .findings import from_row
from .journal.accepted import accepted
from .journal.claims import claim
from .journal.file import Journal
from .journal.fold import fold, retire
from .journal.join import join
from .journal.notes import description_notes, plan_note
from .masking import masked_note, rule_of
from .places.file_system import on_network
from .places.paths import journal_folder, store_path
from .places.process import this_process
from .records import Attempt, Description, Evaluation, Event, Finding, Plan, Run
from .resume import joining, resumed
from .series.lineage import line
from .tables import engine as engines

FOLD_AFTER_BYTES = 1 << 20
FOLD_AFTER_SECONDS = 10.0
SHARE = 100  # times as long as a fold took: what training waits for it in the worst case is 1 %
STOP_CHECK_SECONDS = 1.0


def new_id() -> str:
    return time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + uuid.uuid4().hex[:8]


class RunWriter:
    """One attempt of one run. The training thread only appends to the journal; `tend` is for the writer thread."""

    @classmethod
    def open(cls, url: str | os.PathLike[str], run: Run, *, resume: bool = False, step: int | None = None) -> RunWriter:
        """Begins `run`, or with `resume` a new attempt of the newest run of its name that goes on from `step`.

        `step` None: from the last step the store has of it; no run of that name: a new one. SQLite is opened only to
        resume. Raises StoreError where no journal can be written.
        """
        path = store_path(url)
        if not path.parent.is_dir():
            raise StoreError(f"no folder {path.parent} for the store; create it first (mkdir -p)")
        attempt, from_step, shared = 0, step or 0, False
        earlier: list[Attempt] = []
        found, waits = None, None
        try:
            found = resumed(path, run.name, run.project) if resume else None
        except (StoreError, DBAPIError, OSError) as error:  # journaled as a new run is, and joined to its run later
            waits = error
        if found is not None:
            before, earlier, attempt = found
            shared = before.state == "running" or attempt > before.attempt + 1
            from_step = (before.last_step or 0) if step is None else step
            run = replace(before, config=run.config or before.config, started=before.started)
        run = replace(run, id=run.id or new_id(), started=run.started or time.time())
        writer = cls(url, run, attempt, from_step, {"step": step} if waits is not None else None, earlier)
        if waits is not None:
            count = "" if step is not None else "; its steps count from 1 until then, unless you pass step="
            writer._warn(
                f"{_sentence(waits)}; the run to resume cannot be read now: this training is recorded as a run of its "
                f"own, and joined to run {run.name} when the store can be read{count}"
            )
        if shared:
            writer._warn(
                f"another process writes run {run.name} ({run.id}) too: this one records attempt {attempt} of it, and "
                f"the run's line follows the newest attempt from step {from_step} on; give one of the two its own name="
            )
        return writer

    def __init__(
        self,
        url: str | os.PathLike[str],
        run: Run,
        attempt: int,
        from_step: int,
        resumes: dict[str, Any] | None = None,
        earlier: Sequence[Attempt] = (),
    ):
        """`resumes`: its journal waits to be joined to an earlier run of its name (see `journal/join.py`).

        `earlier`: the run's attempts before this one, to which late values of their steps belong.
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", run.id):
            raise StoreError(
                f"run id {run.id[:80]!r}: expected up to 80 letters, digits, - or _; leave it out for a new one"
            )
        self.store = store_path(url)
        self.network = on_network(self.store)
        self.run = replace(run, attempt=attempt, last_seen=time.time(), state="running")
        self.from_step = from_step
        self.stop_reason = ""
        """Why somebody, or a rule, asked this run to stop, as of the last `tend`; "" while nobody did."""
        self._found = 0  # the number of the newest finding that `new_findings` has given
        self._next_stop_check = 0.0
        self._newest_attempt = attempt  # of this run, by whatever process
        self._folding, self._changing = threading.Lock(), threading.Lock()
        self._engine: Engine | None = None
        self._inode = 0  # of the file that the engine is open on
        self._next_fold = 0.0
        self._oldest = 0  # first segment not folded yet
        self._folded = 0  # bytes of the segment being written that are in the store
        self._noted = False
        self._warned: set[str] = set()
        self.resumes = resumes
        self._masking = rule_of(self.store)
        head, *odd = accepted({"run": asdict(self.run)}, attempt)
        head = masked_note(head, self._masking)
        head["run"] |= {"process": this_process()} | ({"resumes": resumes} if resumes is not None else {})
        self._first: dict[str, Any] = {"number": attempt, "from_step": from_step}
        self._first |= {"started": time.time(), "state": "running"}
        self.attempts = [*earlier, Attempt(**self._first)]
        """The run's attempts up to this one, as far as they are known here."""
        stem = f"{run.id}.{int(time.time() * 1000):013d}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._journal = Journal(journal_folder(self.store), stem, [head, {"attempt": self._first}])
        self._report(odd)
        self.points = self._journal.points
        """`points(step, keys, values)`: one step's values; `keys` a tuple used again and again."""
        self.columns = self._journal.columns
        """`columns(steps [n], keys, values [n, keys])`: many steps at once."""

    @property
    def dropped(self) -> int:
        """Values that a full disk has cost so far."""
        return self._journal.dropped

    def late(self, step: int, keys: tuple[SeriesKey, ...], values: Sequence[float]) -> None:
        """As `points`, of a step at or before `from_step`: they belong to the attempt that the step does."""
        attempt = self._attempt_of(step)
        if attempt == self.run.attempt:
            self._journal.points(step, keys, values)
        else:
            points = list(zip(keys, values, strict=True))
            self._journal.note(late={"attempt": attempt, "step": step, "points": points})

    def _attempt_of(self, step: int) -> int:
        """The attempt that holds a step of the run's line."""
        return next((one.attempt for one in line(self.attempts) if one.low < step <= one.high), self.run.attempt)

    def describe(self, description: Description) -> None:
        self._note(**description_notes(description))

    def event(self, event: Event) -> None:
        entry = asdict(event) | {"attempt": self.run.attempt, "time": event.time or time.time()}
        self._note(event=entry)

    def evaluation(self, evaluation: Evaluation) -> None:
        entry = asdict(evaluation) | {"attempt": self._attempt_of(evaluation.step)}
        entry |= {"time": evaluation.time or time.time()}
        entry["value"] = repr(float(evaluation.value))
        self._note(evaluation=entry)

    def plan(self, plan: Plan) -> None:
        self._note(plan=plan_note(plan))

    def update(self, **fields: Any) -> None:
        """Changes fields of the run: any of Run but its id."""
        with self._changing:  # the training thread and the recorder's thread both change it
            self.run = replace(self.run, **fields)
            self._note(update=fields)

    def begin_attempt(self, from_step: int) -> int:
        """Begins a new attempt that goes on from `from_step`; what earlier attempts have beyond it is abandoned."""
        with self._changing:
            number = claim(self._journal.folder, self.run.id, max(self.run.attempt, self._newest_attempt) + 1)
            self.run = replace(self.run, attempt=number)
            self.from_step = from_step
            entry: dict[str, Any] = {"number": number, "from_step": from_step}
            entry |= {"started": time.time(), "state": "running"}
            self.attempts.append(Attempt(**entry))
            self._journal.opening[1] = {"attempt": entry}
            self._note(attempt=entry)
            return number

    def stop_requested(self) -> bool:
        """Whether somebody asked this run to stop, as of the last `tend`."""
        return bool(self.stop_reason)

    def new_findings(self) -> list[Finding]:
        """The findings that were stored since the last call, or have become graver, from this writer's first step on.

        For the writer thread: it reads the store. Always [] where only the reader's host opens it (`network`).
        """
        if self._engine is None or self._journal.foreign or self._journal.closed:
            return []
        sql = "SELECT * FROM findings WHERE run = :run AND attempt >= :attempt AND id > :found ORDER BY id"
        which = {"run": self.run.id, "attempt": self._first["number"], "found": self._found}
        with engines.explained(self.store), self._engine.connect() as connection:
            rows = connection.execute(text(sql), which).mappings().all()
        self._found = max([self._found, *(row["id"] for row in rows)])
        return [from_row(row) for row in rows]

    def tend(self) -> None:
        """Heartbeat and folding, from the writer thread; never raises, warns once for each kind of failure."""
        if self._journal.foreign or self._journal.closed:
            return
        try:
            self._journal.touch()
            if not self._journal.retry():
                why = f"cannot write into {self._journal.folder} ({self._journal.problem})"
                self._warn(f"{why}; values wait in memory, {self.dropped} are lost so far")
            if not self._journal.begun:
                return
            self._journal.rotate()
            if self.resumes is not None and (time.monotonic() < self._next_fold or not self._join()):
                return
            if not self.network:  # there the reader's host folds: SQLite's log needs one host
                self._fold_if_due()
                self._read_stop_request()
        except Exception as error:  # whatever it is, training goes on, and the journal has it all
            self._next_fold = time.monotonic() + FOLD_AFTER_SECONDS
            self._warn(f"{_sentence(error)}; recording goes on in {self._journal.folder}")

    def close(self, state: str = "finished") -> None:
        """Ends the attempt, folds the rest, removes the journal; what cannot be folded now waits for the next opener.

        Never raises. In a forked child it does nothing: the run is its parent's.
        """
        if self._journal.foreign or self._journal.closed:
            return
        lost = self.dropped
        try:
            self._note(close={"state": state, "time": time.time()})
            self._journal.close()
            if self.dropped > lost or not self._journal.path.exists():
                self._warn(
                    f"cannot write into {self._journal.folder} ({self._journal.problem}): {self.dropped} values lost"
                )
            if self.resumes is None or self._join():
                if not self.network:
                    self._fold(final=True)
        except Exception as error:
            self._warn(
                f"{_sentence(error)}; this run waits in {self._journal.folder} and is taken in when the store opens"
            )
        if self._engine is not None:
            self._engine.dispose()

    def _note(self, **entry: Any) -> None:
        kept, *odd = accepted(entry, self.run.attempt)
        self._journal.note(**masked_note(kept, self._masking))
        self._report(odd)
        self._noted = True

    def _report(self, left_out: list[dict[str, Any]]) -> None:
        """Puts what was left out of a note on the timeline, and says so at once."""
        for entry in left_out:
            self._journal.note(**masked_note(entry, self._masking))
            self._warn(entry["event"]["text"])

    def _join(self) -> bool:
        """Joins what waits to the run that it goes on with; True when that is done. StoreError where it cannot be."""
        self._next_fold = time.monotonic() + STOP_CHECK_SECONDS
        with self._changing:
            found = joining(self.store, self.run.id, ended=self._journal.closed)
            opening = [found.note(entry) for entry in self._journal.opening] if found is not None else []
            if found is None or not self._journal.move(found.stem(self._journal.stem), opening):
                return False
            first = self.run.attempt == self._first["number"]
            self._first = found.note({"attempt": self._first})["attempt"]
            joined = [found.note({"attempt": asdict(one)})["attempt"] for one in self.attempts]
            self.attempts = [Attempt(**one) for one in joined]
            self.from_step = found.from_step if first else self.from_step
            record = {name: found.run[name] for name in ("id", "config", "started")}
            self.run = replace(self.run, attempt=found.attempts[self.run.attempt], **record)
            self.resumes = None
        self._next_fold = 0.0
        join(self._journal.folder, found)
        return True

    def _fold_if_due(self) -> None:
        grown = os.stat(self._journal.path).st_size - self._folded
        if self._noted or grown > FOLD_AFTER_BYTES or time.monotonic() > self._next_fold:
            self._noted = False
            began = time.monotonic()
            self._fold()
            now = time.monotonic()
            self._next_fold = now + max(FOLD_AFTER_SECONDS, SHARE * (now - began))

    def _fold(self, final: bool = False) -> None:
        with self._folding:
            if self._engine is None or not _same_file(self.store, self._inode):
                if self._engine is not None:
                    self._engine.dispose()
                self._engine = engines.open_engine(self.store)
                self._inode = os.stat(self.store).st_ino
            while self._oldest <= self._journal.number:
                last = self._oldest == self._journal.number
                with contextlib.suppress(FileNotFoundError):  # deleted by hand
                    path = self._journal.segment(self._oldest)
                    while fold(self._engine, path, final=final or not last):
                        pass
                    self._folded = os.stat(path).st_size
                    if last and not final:
                        return
                    retire(self._engine, path)
                self._folded = 0
                self._oldest += 1

    def _read_stop_request(self) -> None:
        """Whether it was this attempt, or one that it began itself, that somebody asked to stop."""
        if self._engine is None or time.monotonic() < self._next_stop_check:
            return
        self._next_stop_check = time.monotonic() + STOP_CHECK_SECONDS
        sql = text("SELECT stop_requested, stop_reason, attempt FROM runs WHERE id = :run")
        with self._engine.connect() as connection:
            row = connection.execute(sql, {"run": self.run.id}).fetchone()
        self._newest_attempt = row[2] if row else self._newest_attempt
        if row and row[0] > self._first["number"]:
            self.stop_reason = row[1] or "a stop was requested"

    def _warn(self, sentence: str) -> None:
        kind = re.sub(r"\d+", "", sentence)
        if kind not in self._warned:
            self._warned.add(kind)
            try:
                warnings.warn(f"Barograph: {sentence}", RuntimeWarning, stacklevel=3)
            except RuntimeWarning:  # where warnings are errors
                print(f"Barograph: {sentence}", file=sys.stderr)


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"


def _same_file(path: Path, inode: int) -> bool:
    """Whether the store is still the file that was opened: a user may have deleted it to begin anew."""
    try:
        return os.stat(path).st_ino == inode
    except OSError:
        return False
