"""Forecasts as they were made, so that they can be scored when the run has ended."""

from sqlalchemy import Connection, text


def upgrade(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE TABLE forecasts (run TEXT NOT NULL, attempt INTEGER NOT NULL, made_at INTEGER NOT NULL, "
            "for_step INTEGER NOT NULL, signal TEXT NOT NULL, schedule TEXT NOT NULL, mid FLOAT, low50 FLOAT, "
            "high50 FLOAT, low90 FLOAT, high90 FLOAT, law TEXT NOT NULL, evidence TEXT NOT NULL, "
            "verdict TEXT NOT NULL, time FLOAT NOT NULL, "
            "PRIMARY KEY (run, attempt, made_at, for_step, signal, schedule))"
        )
    )
