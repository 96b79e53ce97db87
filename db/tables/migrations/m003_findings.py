"""What detectors have found, with the user's judgement; and why a run was asked to stop."""

from sqlalchemy import Connection, text


def upgrade(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE TABLE findings (id INTEGER NOT NULL PRIMARY KEY, run TEXT NOT NULL, attempt INTEGER NOT NULL, "
            "kind TEXT NOT NULL, part TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
            "flagged INTEGER NOT NULL, severity INTEGER NOT NULL, sentence TEXT NOT NULL, advice TEXT NOT NULL, "
            "evidence TEXT NOT NULL, confidence FLOAT, open INTEGER NOT NULL, time FLOAT NOT NULL, "
            "judgement TEXT NOT NULL DEFAULT '', told FLOAT NOT NULL DEFAULT 0, "
            "UNIQUE (run, attempt, kind, part, first))"
        )
    )
    connection.execute(text("ALTER TABLE runs ADD COLUMN stop_reason TEXT NOT NULL DEFAULT ''"))
