"""A folder whose logs are followed: what appears in it is imported, what grows is read on, nothing else is touched."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ....errors import StoreError
from ...exchange.names import plain
from ...places.process import SILENT_SECONDS
from ...records import Run
from ...store import Store
from .following import Following
from .intake import Imported
from .source import HEAD, Source, find

log = logging.getLogger("barograph.folder")
AT_ONCE = 50  # new files that are looked into by one look
_BEGINNING = 1024  # bytes by which a file that was renamed is known
_PART = re.compile(r"(.+)[.-]\d{1,8}")  # what logrotate makes of a name
Beginning = tuple[tuple[int, int], bytes]  # a file's number on its device, and its first bytes
_SENTENCES = 1000  # of what is no log, and of what was wrong, that are kept


@dataclass(eq=False)
class Log:
    """One log that is followed: the run it fills, when it last grew, and what is wrong with it, in a sentence."""

    store: Store
    source: Source
    following: Following = field(init=False)
    run: Run | None = None
    grown: float = 0.0  # when, in seconds since 1970
    gap: float = 0.0  # the longest time between two growths
    live: bool = False
    reported: float = 0.0  # when the run was last written as running
    trouble: str = ""
    beginnings: dict[Path, Beginning] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.follow(self.source)

    def follow(self, source: Source) -> None:
        """Goes on with these files, from their beginning."""
        self.source, self.following = source, Following(self.store, source, as_written=self.as_written)

    def as_written(self, run: Run) -> Run:
        """The run as it is written to the store: while the log grows, it is running."""
        if not self.live:
            return run
        self.reported = time.time()
        return replace(run, state="running", ended=None, last_seen=self.reported)

    @property
    def patience(self) -> float:
        """Seconds of silence after which the run counts as ended."""
        return max(SILENT_SECONDS, 3 * self.gap)


class Folder:
    """Follows every log below `root`, save the files of the store itself.

    A run whose log has grown lately is "running"; after a silence it is what its log says, "stopped" where it falls
    short of the planned steps, else "finished". A log that is renamed goes on as the same run, as does one that is
    rotated; what was imported stays when a log is deleted.
    """

    def __init__(self, store: Store, root: Path, *, clock: Callable[[], float] = time.time):
        self.store, self.root, self.clock = store, Path(root).resolve(), clock
        self.logs: dict[tuple[str, Path, str], Log] = {}
        self.no_logs: dict[Path, str] = {}
        self._warned: set[str] = set()
        self._looked_into: dict[Path, tuple[int, int, int]] = {}
        self._waiting: dict[Path, None] = {}
        self._of: dict[Path, list[Log]] = {}

    def look(self, changed: Iterable[Path] | None = None) -> int:
        """Takes in what is new in the files `changed`, by default in all of them; the number of new points."""
        if changed is None:
            files, known = list(self._walk()), list(self.logs.values())
        else:
            files = [path for path in map(Path, changed) if self._is_ours(path)]
            known = [one for path in files for one in self._of.get(path, ())]
        logs = {id(one): one for one in known}
        self._waiting |= dict.fromkeys(path for path in files if self._is_new(path))
        for path in list(self._waiting)[:AT_ONCE]:
            del self._waiting[path]
            logs |= {id(one): one for one in self._discover(path)}
        points = sum(self._advance(one) for one in logs.values())
        for one in list(self.logs.values()):
            self._settle(one)
        return points

    @property
    def waiting(self) -> bool:
        """Whether there are new files that the last look left for the next."""
        return bool(self._waiting)

    # ---- files ----

    def _walk(self) -> Iterator[Path]:
        def closed(error: OSError) -> None:
            self._warn(f"{plain(str(error.filename), 300)}: cannot be read ({error.strerror})")

        for folder, folders, names in os.walk(self.root, onerror=closed):
            folders[:] = sorted(name for name in folders if self._is_ours(Path(folder, name)))
            yield from (path for name in sorted(names) if self._is_ours(path := Path(folder, name)))

    def _is_ours(self, path: Path) -> bool:
        """Neither hidden nor the store's own: reading that would drop the locks that this process has on it."""
        inside = path.relative_to(self.root).parts if path.is_relative_to(self.root) else (".",)
        real = Path(os.path.realpath(path)) if path.is_symlink() else path
        own = self.store.path.resolve()
        mine = real.is_relative_to(own.parent) and real.relative_to(own.parent).parts[:1]
        return not any(part.startswith(".") for part in inside) and not (mine and mine[0].startswith(own.name))

    def _leads_out(self, path: Path) -> str:
        """A sentence where a link in the folder points to a file outside of it, whoever put it there; else ""."""
        inside = Path(os.path.realpath(path)).is_relative_to(self.root)
        return "" if inside else f"{plain(str(path), 300)}: a link out of the folder, which is not followed"

    def _is_new(self, path: Path) -> bool:
        """Whether a file has not been looked into yet, or has changed where a format is recognised."""
        try:
            now = path.stat()
        except OSError:
            self._looked_into.pop(path, None)
            self.no_logs.pop(path, None)
            return False
        before = self._looked_into.get(path)
        if path in self._of:
            return any(hasattr(one.source.importer, "runs") for one in self._of[path]) and before != _stamp(now)
        if before is None or before[0] != now.st_ino or now.st_size < before[1]:
            return True
        return before[1] < HEAD and before != _stamp(now)

    def _discover(self, path: Path) -> list[Log]:
        """The logs that a new file belongs to."""
        try:
            self._looked_into[path] = _stamp(path.stat())
            if out := self._leads_out(path):
                self.no_logs[path] = out
                return []
            beginning = _beginning(path)
            if path not in self._of and (moved := self._moved(path, beginning)) is not None:
                return moved
            sources, refused = find([path])
        except (OSError, StoreError) as error:
            sources, refused = [], [str(error) if isinstance(error, StoreError) else f"{path}: {error.strerror}"]
        self.no_logs.pop(path, None)
        if not sources and len(self.no_logs) < _SENTENCES:
            self.no_logs[path] = refused[0] if refused else ""
        return [self._follow(source, beginning) for source in sources]

    def _moved(self, path: Path, beginning: Beginning) -> list[Log] | None:
        """What to do with a known log under a new name: follow it there, or leave it, where its old name is in use."""
        part = _PART.fullmatch(path.name)
        if part and path.with_name(part[1]) in self._of:
            return self._pass_over(path, part[1])
        for one in self.logs.values():
            for old, known in list(one.beginnings.items()):
                if old == path or known[0] != beginning[0] or not beginning[1].startswith(known[1]):
                    continue
                if old.exists() and _beginning(old)[0] == known[0]:
                    continue  # a second name of one file
                if old.exists():
                    return self._pass_over(path, old.name)
                paths = tuple(path if each == old else each for each in one.source.paths)
                one.follow(replace(one.source, paths=paths))
                one.beginnings[path] = one.beginnings.pop(old)
                self._of.pop(old, None)
                self._of.setdefault(path, []).append(one)
                return [one]
        return None

    def _pass_over(self, path: Path, name: str) -> list[Log]:
        self.no_logs[path] = f"{plain(str(path), 300)}: an older part of {plain(name)}, which is followed"
        return []

    def _follow(self, source: Source, beginning: Beginning) -> Log:
        key = (source.importer.__name__, source.home, source.run)
        (path,) = source.paths
        one = self.logs.get(key)
        if one is None:
            one = self.logs[key] = Log(self.store, source)
        elif path not in one.source.paths:
            one.follow(replace(one.source, paths=(*(p for p in one.source.paths if p.exists()), path)))
        one.beginnings[path] = beginning
        if one not in self._of.setdefault(path, []):
            self._of[path].append(one)
        return one

    # ---- runs ----

    def _advance(self, one: Log) -> int:
        """Has one log looked at; how many points were new."""
        there = [path for path in one.source.paths if path.exists()]
        if not there:
            self._trouble(one, f"{plain(str(one.source.home), 300)}: is gone; what was read of it stays")
            return 0
        if out := next(filter(None, map(self._leads_out, there)), ""):  # put in the place of a log
            self._trouble(one, out)
            return 0
        try:
            newest = max(path.stat().st_mtime for path in there)
            now = self.clock()
            one.live |= now - newest < one.patience
            if not one.live and one.run is None and (run := one.following.unchanged()):
                one.run, one.grown = run, newest
                return 0
            done = one.following.look()
        except (StoreError, OSError) as error:
            self._trouble(one, str(error))
            return 0
        except Exception as error:  # whatever a file makes a reader do, the other logs are followed on
            one.following.close()
            self._trouble(one, f"{plain(str(one.source.home), 300)}: cannot be read ({plain(repr(error), 200)})")
            return 0
        if done is None:
            return 0
        one.beginnings = {path: _beginning(path) for path in there if path.exists()}
        newest = min(now, newest)
        one.gap = max(one.gap, newest - one.grown) if one.grown else 0.0
        one.run, one.grown = done.run, max(newest, one.grown)
        self._trouble(one, "" if done.complete else _damage(done))
        return done.points

    def _settle(self, one: Log) -> None:
        """Says that a run goes on which writes seldom, or that it has ended."""
        if not one.live or one.run is None:
            if one.run is not None:
                one.following.close()
            return
        now = self.clock()
        try:
            if now - one.grown >= one.patience:
                one.live = False
                one.following.close()
                self.store.append(replace(one.run, state=self._ended_as(one.run), ended=one.grown), {})
            elif now - one.reported > SILENT_SECONDS / 2:
                self.store.append(one.as_written(one.run), {})
        except StoreError as error:
            self._warn(str(error))

    def _ended_as(self, run: Run) -> str:
        """What the log says of its end; short of the planned steps, the last gap in them allowed, it was stopped."""
        last = self.store.run(run.id).last_step or 0
        short = run.steps_planned and last < 0.98 * run.steps_planned
        return "stopped" if run.state in ("running", "finished") and short else run.state.replace("running", "finished")

    def _trouble(self, one: Log, sentence: str) -> None:
        if sentence and sentence != one.trouble:
            self._warn(sentence)
        one.trouble = sentence

    def _warn(self, sentence: str) -> None:
        if sentence not in self._warned and len(self._warned) < _SENTENCES:
            self._warned.add(sentence)
            log.warning("%s", sentence)


def _damage(done: Imported) -> str:
    return f"{done.run.provenance['imported_from']}: {done.sentence.split('; ', 1)[-1]}"


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _beginning(path: Path) -> Beginning:
    """A file's number on its device, and its first bytes: numbers are given again to other files."""
    if not path.is_file():  # a pipe would block
        return (0, 0), b""
    with open(path, "rb") as file:
        found = os.fstat(file.fileno())
        return (found.st_dev, found.st_ino), file.read(_BEGINNING)
