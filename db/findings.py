"""What detectors found in a run, as rows: said again they are renewed, what the user thinks of them stays."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import text

from ..errors import StoreError
from .records import JUDGEMENTS, Finding
from .series.fold import sound
from .series.lineage import line, read_attempts
from .tables import engine as engines

_NAMES = [field.name for field in fields(Finding)]
_COLUMNS = ", ".join(_NAMES)
_RENEWED = ("last", "flagged", "severity", "sentence", "advice", "evidence", "confidence", "open")
_UPSERT = text(
    f"INSERT INTO findings (run, {_COLUMNS}) VALUES (:run, {', '.join(f':{name}' for name in _NAMES)}) "
    "ON CONFLICT (run, attempt, kind, part, first) DO UPDATE SET "
    "id = CASE WHEN excluded.severity > severity THEN (SELECT max(id) + 1 FROM findings) ELSE id END, "
    "told = CASE WHEN excluded.severity > severity THEN 0 ELSE told END, "
    f"{', '.join(f'{name} = excluded.{name}' for name in _RENEWED)} RETURNING id"
)


class Findings:
    """The part of `Store` that keeps findings; needs its `engine` and `snapshot`."""

    def find(self, run: str, findings: Iterable[Finding], *, whole: bool = False) -> None:
        """Keeps findings of a run; one with the same attempt and key is renewed, its judgement and times stay.

        Where it has become graver, nobody has been told yet.

        `whole`: these are all there are, so others go, unless the user has judged them or somebody was alerted.
        """
        found = [_row(run, finding) for finding in findings]
        with engines.writing(self.engine) as connection:
            ids = [connection.execute(_UPSERT, row).scalar_one() for row in found]
            if whole:
                sql = "DELETE FROM findings WHERE run = :run AND judgement = '' AND told = 0"
                gone = f"{sql} AND id NOT IN (SELECT value FROM json_each(:ids))"
                connection.execute(text(gone), {"run": run, "ids": json.dumps(ids)})

    def findings(self, run: str, *, attempt: int | None = None) -> list[Finding]:
        """What was found on the run's surviving line, in order of first step; or in one attempt, abandoned or not."""
        with self.snapshot() as (connection, rest):
            pieces = {piece.attempt: piece for piece in line(read_attempts(connection, rest, run))}
            sql = f"SELECT {_COLUMNS} FROM findings WHERE run = :run ORDER BY first, flagged, kind, part, attempt"
            found = [read(row) for row in connection.execute(text(sql), {"run": run}).mappings()]
        if attempt is not None:
            return [finding for finding in found if finding.attempt == attempt]
        alive = [f for f in found if f.attempt in pieces and f.flagged <= pieces[f.attempt].high]
        return list({finding.key: finding for finding in alive}.values())

    def judge(self, run: str, kind: str, part: str, first: int, judgement: str) -> None:
        """What the user thinks of a finding: "acknowledged", "silenced", "wrong", or "" to take it back."""
        if judgement not in JUDGEMENTS:
            said = ", ".join(repr(word) for word in JUDGEMENTS)
            raise StoreError(f"no judgement {judgement[:40]!r}; expected one of {said}")
        if not self._mark(run, "judgement", judgement, [(kind, part, first)]):
            raise StoreError(f"no finding {kind[:80]!r} at step {first} in this run; it may have been rolled back")

    def told(self, run: str, findings: Iterable[Finding], when: float | None = None) -> None:
        """Notes that somebody was alerted of these findings, so that nobody is again."""
        self._mark(run, "told", time.time() if when is None else when, [finding.key for finding in findings])

    def _mark(self, run: str, column: str, value: Any, keys: list[tuple[str, str, int]]) -> int:
        where = "run = :run AND kind = :kind AND part = :part AND first = :first"
        sql = text(f"UPDATE findings SET {column} = :value WHERE {where}")
        rows = [{"kind": sound(kind), "part": sound(part), "first": int(first)} for kind, part, first in keys]
        with engines.writing(self.engine) as connection:
            return sum(connection.execute(sql, row | {"run": run, "value": value}).rowcount for row in rows)


def read(row: Any) -> Finding:
    """A row of the table as a record."""
    evidence = {name: float(value) for name, value in json.loads(row["evidence"]).items()}
    confidence = math.nan if row["confidence"] is None else row["confidence"]
    known = {name: row[name] for name in _NAMES}
    return Finding(**known | {"evidence": evidence, "confidence": confidence, "open": bool(row["open"])})


def _row(run: str, finding: Finding) -> dict[str, Any]:
    row = asdict(finding) | {"run": run, "time": finding.time or time.time()}
    row |= {name: int(row[name]) for name in ("attempt", "first", "last", "flagged", "severity", "open")}
    row |= {name: sound(row[name]) for name in ("kind", "part", "sentence", "advice", "judgement")}
    numbers = {str(name): float(value) for name, value in finding.evidence.items()}
    plain = {name: value if math.isfinite(value) else repr(value) for name, value in numbers.items()}  # JSON has no NaN
    row["evidence"] = json.dumps(plain, ensure_ascii=True)
    row["confidence"] = float(finding.confidence)
    return row
