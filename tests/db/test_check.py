"""What a check of the store finds."""

import os

from sqlalchemy import text

from barograph.db import Run, Store


def test_a_sound_store_has_no_problems_and_each_damage_is_a_sentence(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("r", "r"), {"loss": (range(100), range(100)), "lr": (range(5), range(5))})
    assert store.check() == []
    with store._database.writing() as connection:
        connection.execute(text("UPDATE series SET n = 99 WHERE signal = 'loss'"))
        connection.execute(text("UPDATE tiles SET last_step = 7 WHERE series = 2 AND level = 0"))
        connection.execute(text("INSERT INTO series (run, attempt, signal, part) VALUES ('ghost', 0, 'x', '[]')"))
        columns = "name, run, folded, state, damaged_at"
        connection.execute(text(f"INSERT INTO journals ({columns}) VALUES ('j', 'r', 8, '', 8)"))
    found = "\n".join(store.check())
    for sentence in (
        "r: loss: its row in `series` is damaged", "r: lr: 5 points of steps 0 to 4 are damaged",
        "series of a run that is not there: ghost", "journal j is damaged at byte 8",
    ):  # fmt: skip
        assert sentence in found
    store.close()


def test_a_journal_without_a_beginning_is_named(tmp_path):
    store = Store(tmp_path / "runs.db")
    folder = tmp_path / "runs.db.journals"
    folder.mkdir()
    (folder / "x.1-1.000000.journal").write_bytes(b"rubbish that is no journal at all")
    os.utime(folder / "x.1-1.000000.journal", (0, 0))
    assert store.check() == [
        "journal x.1-1.000000.journal cannot be read, not even its beginning; it stays where it is"
    ]
    store.close()
