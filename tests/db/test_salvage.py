"""Of a damaged SQLite file every row that can be read is in the new one, and the damaged one stays."""

import os
import random
import sqlite3

import numpy as np
import pytest

from barograph.db import Event, Run, Store
from barograph.db.repair import repair
from barograph.db.salvage import salvage
from barograph.errors import StoreError

PAGE = 4096
STEPS = np.arange(20_000)
VALUES = np.sin(STEPS / 7.0)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "runs.db"
    store = Store(path)
    names = [f"signal{n}" for n in range(80)]
    store.append(Run("r", "r"), {"loss": (STEPS, VALUES)}, events=[Event(3, "note", "kept")])
    store.append(Run("s", "s"), {name: (STEPS[:9], VALUES[:9]) for name in names})
    store.close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    return path


def overwrite(path, page: int, dice: random.Random) -> bytes:
    """Puts rubbish in the place of a page (the first is 1); the file as it is then."""
    with open(path, "r+b") as file:
        file.seek(PAGE * (page - 1))
        file.write(dice.randbytes(PAGE))
    return path.read_bytes()


def root_of(path, table: str) -> int:
    raw = sqlite3.connect(path)
    (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    raw.close()
    return page


@pytest.mark.parametrize("trial", [0, 1, 3, 4, 5, 6, 7])  # not the list of tables: without it no table is found
def test_what_can_be_read_is_kept_and_is_right(path, tmp_path, trial):
    dice = random.Random(trial)
    damaged = overwrite(path, dice.randrange(20, os.stat(path).st_size // PAGE), dice)
    done = repair(path)
    store = Store(path)
    assert store.check() == [] and {"r", "s"} <= {run.id for run in store.runs()}
    points = 0
    for run in store.runs():
        for signal in store.signals(run.id):
            found = store.series(run.id, signal)
            assert (found.values == VALUES[found.steps]).all()
            points += len(found)
    assert points >= (20_000 + 80 * 9) - 2 * 4096
    if "the file was damaged" in "".join(done):
        (aside,) = tmp_path.glob("runs.db.damaged-*")
        assert aside.name in done[0] and aside.read_bytes() == damaged
    store.close()


def test_a_table_of_which_nothing_is_left_costs_that_table(path):
    overwrite(path, root_of(path, "events"), random.Random(0))
    (done,) = salvage(path)
    assert "rows are in a new one" in done
    store = Store(path)
    assert store.check() == [] and store.events("r") == [] and len(store.series("r", "loss")) == 20_000
    store.close()


def test_a_file_of_which_no_row_is_left_stays_where_it_is(path):
    with open(path, "r+b") as file:
        file.seek(100)
        file.write(bytes(os.stat(path).st_size - 100))
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no row of the store .* can be read; restore a copy of it"):
        list(salvage(path))
    assert (
        path.read_bytes() == before and [file.name for file in path.parent.iterdir() if "repaired" in file.name] == []
    )
