"""What detectors found in a run, as rows: found again they are updated, the user's judgement of them stays."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import RowMapping, text

from ..errors import StoreError
from .reading.attempts import pieces
from .reading.database import Database
from .records import JUDGEMENTS, Finding
from .series.keys import storable

_COLUMN_OF = {"alerted": "told"}  # where a field's column is called otherwise
_NAMES = [field.name for field in fields(Finding)]
_STORED = [_COLUMN_OF.get(name, name) for name in _NAMES]
_COLUMNS = ", ".join(_STORED)
_RENEWED = ("last", "flagged", "severity", "sentence", "advice", "evidence", "confidence", "open")
_UPSERT = text(
    f"INSERT INTO findings (run, {_COLUMNS}) VALUES (:run, {', '.join(f':{name}' for name in _STORED)}) "
    "ON CONFLICT (run, attempt, kind, part, first) DO UPDATE SET "
    "id = CASE WHEN excluded.severity > severity THEN (SELECT max(id) + 1 FROM findings) ELSE id END, "
    "told = CASE WHEN excluded.severity > severity THEN 0 ELSE told END, "
    f"{', '.join(f'{name} = excluded.{name}' for name in _RENEWED)} RETURNING id"
)


class Findings:
    """What detectors found in the runs of one store."""

    def __init__(self, database: Database):
        self._database = database

    def __call__(self, run: str, *, attempt: int | None = None) -> list[Finding]:
        """What was found on the run's surviving line, in order of first step; or in one attempt, abandoned or not."""
        sql = f"SELECT {_COLUMNS} FROM findings WHERE run = :run ORDER BY first, flagged, kind, part, attempt"
        with self._database.snapshot() as snapshot:
            line = {piece.attempt: piece for piece in pieces(snapshot, run)}
            found = [from_row(row) for row in snapshot.connection.execute(text(sql), {"run": run}).mappings()]
        if attempt is not None:
            return [finding for finding in found if finding.attempt == attempt]
        surviving = [one for one in found if one.attempt in line and one.flagged <= line[one.attempt].high]
        return list({finding.key: finding for finding in surviving}.values())

    def save(self, run: str, findings: Iterable[Finding], *, whole: bool = False) -> None:
        """Writes findings of a run; one with the same attempt and key is updated, its judgement and times stay.

        Where it has become graver, it counts as not yet alerted. `whole`: these are all there are, so others go, unless
        the user has judged them or somebody was alerted.
        """
        rows = [_to_row(run, finding) for finding in findings]
        with self._database.writing() as connection:
            ids: list[int] = [connection.execute(_UPSERT, row).scalar_one() for row in rows]
            if whole:
                sql = "DELETE FROM findings WHERE run = :run AND judgement = '' AND told = 0"
                gone = f"{sql} AND id NOT IN (SELECT value FROM json_each(:ids))"
                connection.execute(text(gone), {"run": run, "ids": json.dumps(ids)})

    def judge(self, run: str, kind: str, part: str, first: int, judgement: str) -> None:
        """Writes the user's judgement of a finding: "acknowledged", "silenced", "wrong", or "" to take it back."""
        if judgement not in JUDGEMENTS:
            known = ", ".join(repr(word) for word in JUDGEMENTS)
            raise StoreError(f"no judgement {judgement[:40]!r}; expected one of {known}")
        if not self._mark(run, "judgement", judgement, [(kind, part, first)]):
            raise StoreError(f"no finding {kind[:80]!r} at step {first} in this run; it may have been rolled back")

    def mark_alerted(self, run: str, findings: Iterable[Finding], when: float | None = None) -> None:
        """Writes that somebody was alerted of these findings, so that nobody is alerted twice."""
        self._mark(run, "told", time.time() if when is None else when, [finding.key for finding in findings])

    def _mark(self, run: str, column: str, value: str | float, keys: list[tuple[str, str, int]]) -> int:
        where = "run = :run AND kind = :kind AND part = :part AND first = :first"
        sql = text(f"UPDATE findings SET {column} = :value WHERE {where}")
        rows = [{"kind": storable(kind), "part": storable(part), "first": int(first)} for kind, part, first in keys]
        with self._database.writing() as connection:
            return sum(connection.execute(sql, row | {"run": run, "value": value}).rowcount for row in rows)


def from_row(row: RowMapping) -> Finding:
    """A row of the table as a record."""
    evidence = {name: float(value) for name, value in json.loads(row["evidence"]).items()}
    confidence = math.nan if row["confidence"] is None else row["confidence"]
    known = {name: row[_COLUMN_OF.get(name, name)] for name in _NAMES}
    return Finding(**known | {"evidence": evidence, "confidence": confidence, "open": bool(row["open"])})


def _to_row(run: str, finding: Finding) -> dict[str, Any]:
    row = {_COLUMN_OF.get(name, name): value for name, value in asdict(finding).items()}
    row |= {"run": run, "time": finding.time or time.time()}
    row |= {name: int(row[name]) for name in ("attempt", "first", "last", "flagged", "severity", "open")}
    row |= {name: storable(row[name]) for name in ("kind", "part", "sentence", "advice", "judgement")}
    numbers = {str(name): float(value) for name, value in finding.evidence.items()}
    plain = {name: value if math.isfinite(value) else repr(value) for name, value in numbers.items()}  # JSON has no NaN
    row["evidence"] = json.dumps(plain, ensure_ascii=True)
    row["confidence"] = float(finding.confidence)
    return row
