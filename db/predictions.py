"""Forecasts as they were made, kept so that they can be scored when the run has ended."""

from __future__ import annotations

import time
from dataclasses import asdict

from sqlalchemy import insert, text

from .reading.database import Database
from .records import Prediction
from .tables import schema

_NUMBERS = ("mid", "low50", "high50", "low90", "high90")


class Predictions:
    """The stored forecasts of the runs of one store."""

    def __init__(self, database: Database):
        self._database = database

    def __call__(self, run: str) -> list[Prediction]:
        """Every forecast of the run as it was made, oldest first."""
        sql = text("SELECT * FROM forecasts WHERE run = :run ORDER BY attempt, made_at, for_step")
        with self._database.reading() as connection:
            rows = [dict(row) for row in connection.execute(sql, {"run": run}).mappings()]
        for row in rows:
            del row["run"]
            row.update({name: float("nan") for name in _NUMBERS if row[name] is None})
        return [Prediction(**row) for row in rows]

    def save(self, run: str, prediction: Prediction) -> None:
        """Adds a forecast as it was made; the same one again replaces itself."""
        row = {"run": run, **asdict(prediction), "time": prediction.time or time.time()}
        with self._database.writing() as connection:
            connection.execute(insert(schema.forecasts).prefix_with("OR REPLACE").values(row))
