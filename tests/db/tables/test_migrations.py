"""A store's shape: reached by migrations alone, each whole or not at all; other people's files are left as they are."""

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from barograph.db import Store
from barograph.db.tables import engine, migrations, schema
from barograph.errors import StoreError


def columns(path) -> dict:
    """Every table as {name: {column: (type, not null, part of the key)}}, and every index's columns."""
    with sqlite3.connect(path) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            name: {
                row[1]: (row[2], bool(row[3]) or bool(row[5]), row[5])
                for row in raw.execute(f"PRAGMA table_info({name})")
            }
            for name in tables
            if not name.startswith(("sqlite_", "barograph_"))
        }
        indexes = {
            (name, tuple(row[2] for row in raw.execute(f"PRAGMA index_info('{index}')")), unique)
            for name in found
            for _, index, unique, *_ in raw.execute(f"PRAGMA index_list({name})")
        }
    raw.close()
    return found | {"indexes": indexes}


def test_a_blank_file_migrated_has_the_shape_of_the_schema(tmp_path):
    Store(tmp_path / "migrated.db").close()
    made = engine.create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    schema.metadata.create_all(made)
    made.dispose()
    assert columns(tmp_path / "migrated.db") == columns(tmp_path / "made.db")


def test_numbers_are_unique_and_without_a_gap():
    numbers = [re.fullmatch(r"m(\d{3})_[a-z_]+", name)[1] for name in migrations.known()]
    assert [int(n) for n in numbers] == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("number", range(len(migrations.known())))
def test_a_failing_migration_leaves_nothing_and_the_next_try_succeeds(tmp_path, monkeypatch, number):
    name, apply = migrations.known()[number], migrations.apply

    def failing(connection, which):
        apply(connection, which)
        if which == name:
            connection.execute(text("CREATE TABLE half (a)"))
            raise OSError("the power went")

    monkeypatch.setattr(migrations, "apply", failing)
    with pytest.raises(OSError, match="power"):
        Store(tmp_path / "runs.db")
    with sqlite3.connect(tmp_path / "runs.db") as raw:
        tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_master")}
        done = [row[0] for row in raw.execute("SELECT name FROM barograph_migrations")] if number else []
    raw.close()
    assert done == migrations.known()[:number] and "half" not in tables and (number or not tables)
    monkeypatch.setattr(migrations, "apply", apply)
    store = Store(tmp_path / "runs.db")
    assert store.check() == [] and store.runs() == []
    store.close()


def test_a_newer_store_is_refused_and_named(tmp_path):
    Store(tmp_path / "runs.db").close()
    with sqlite3.connect(tmp_path / "runs.db") as raw:
        raw.execute("INSERT INTO barograph_migrations VALUES ('m999_from_tomorrow', 0)")
    raw.close()
    with pytest.raises(StoreError, match="newer Barograph.*m999_from_tomorrow.*pip install -U barograph"):
        Store(tmp_path / "runs.db")


def test_somebody_elses_database_is_refused_and_left_as_it_was(tmp_path):
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE experiments (a)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a Barograph store .it holds experiments."):
        Store(path)
    assert path.read_bytes() == before and not (tmp_path / "mlflow.db-wal").exists()


def test_two_that_open_a_blank_store_at_once_both_succeed(tmp_path, monkeypatch):
    path, keep_log = tmp_path / "runs.db", engine._keep_log

    def late(*args):
        keep_log(*args)
        monkeypatch.setattr(engine, "_keep_log", keep_log)
        Store(path).close()  # another process, between our look and our turn

    monkeypatch.setattr(engine, "_keep_log", late)
    assert Store(path).check() == []


def test_many_that_open_a_blank_store_at_once_all_succeed(tmp_path):
    for attempt in range(5):
        path = tmp_path / f"{attempt}.db"
        with ThreadPoolExecutor(12) as pool:
            stores = list(pool.map(lambda _, path=path: Store(path), range(12)))
        for store in stores:
            assert store.runs() == []
            store.close()
