"""A repaired store is sound, has what was whole, and says what is lost."""

import sqlite3

import numpy as np
import pytest

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.repair import repair
from barograph.errors import StoreError
from tests.db.series.damage import change, flip

STEPS = np.arange(20_000)
VALUES = np.sin(STEPS / 7.0)
VALUES[5000] = 99.0  # a spike


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "runs.db"
    store = Store(path)
    store.append(Run("r", "r", config={"lr": 1e-3}), {"loss": (STEPS, VALUES), "lr": (STEPS[:50], VALUES[:50])})
    store.append(Run("s", "s"), {"loss": (STEPS[:9], VALUES[:9])}, events=[Event(3, "note", "kept")])
    store.close()
    return path


def test_a_sound_store_is_left_as_it_is(path):
    before = sqlite3.connect(path).execute("SELECT * FROM tiles").fetchall()
    assert repair(path) == []
    assert sqlite3.connect(path).execute("SELECT * FROM tiles").fetchall() == before


def test_a_damaged_tile_leaves_its_extremes_and_an_event(path):
    store = Store(path)
    flip(store, 1, 0, 1)
    assert repair(path) == ["run r: loss: made anew; 3,840 of 20,000 points are lost"]
    assert store.check() == []
    found = store.series("r", "loss")
    assert len(found) == 20_000 - 4096 + 256 and found.holes == ()
    assert (found.values == VALUES[found.steps]).all() and 5000 in found.steps
    (event,) = store.events("r")
    assert event.kind == "lost" and event.step == 4096
    assert event.text == (
        "4,096 points of loss in steps 4096 to 8191 were damaged; 256 of them are kept, the lowest and the highest"
    )
    assert store.buckets("r", "loss", width=20).high.max() == 99.0
    store.close()


def test_roll_ups_and_summaries_are_made_anew(path):
    store = Store(path)
    whole = store.buckets("r", "loss", width=20)
    flip(store, 1, 2, 0)
    change(store, "UPDATE series SET last_value = 3, n = 5 WHERE id = 1")
    assert repair(path) == ["run r: loss: made anew, nothing is lost"]
    assert store.check() == [] and store.latest("r")["loss"] == (19_999, VALUES[-1])
    np.testing.assert_array_equal(store.buckets("r", "loss", width=20).high, whole.high)
    assert repair(path) == []
    store.close()


def test_where_the_roll_ups_are_damaged_too_nothing_is_left_of_a_tile(path):
    store = Store(path)
    flip(store, 1, 0, 4)
    change(store, "UPDATE series SET low = 7 WHERE id = 1")
    assert repair(path) == ["run r: loss: made anew; 3,616 of 20,000 points are lost"]
    assert store.events("r")[0].text.endswith("were damaged; none of them is left")
    assert store.check() == [] and store.series("r", "loss").steps[-1] == 16_383
    store.close()


def test_a_store_that_is_older_than_checksums_gets_them(path):
    store = Store(path)
    for table in ("tiles", "series"):
        change(store, f"UPDATE {table} SET checksum = NULL")
    assert repair(path) == [] and store.check() == []
    flip(store, 1, 0, 1)
    assert len(store.series("r", "loss").holes) == 1
    store.close()


def test_what_has_lost_its_run_or_its_series_is_found_again(path):
    store = Store(path)
    change(store, "DELETE FROM runs WHERE id = 's'")
    change(store, "DELETE FROM series WHERE id = 2")
    done = "\n".join(repair(path))
    assert "series 2 has lost its name and its run: it stands in a run called recovered" in done
    assert "run s has lost its name, configuration and notes" in done
    assert store.check() == [] and {run.id for run in store.runs()} == {"r", "s", "recovered"}
    assert len(store.series("recovered", "series 2")) == 50 and len(store.series("s", "loss")) == 9
    store.close()


def test_a_fold_that_waits_for_damage_goes_on_after_the_repair(path):
    store = Store(path)
    flip(store, 1, 0, 4)
    writer = RunWriter.open(path, Run("r", "r"), resume=True, step=10)
    writer.points(11, ("loss",), [1.0])
    writer.close()
    store.close()
    assert repair(path) == ["run r: loss: made anew; 3,616 of 20,000 points are lost"]
    store = Store(path)
    assert store.check() == [] and store.series("r", "loss").steps.tolist() == list(range(12))
    store.close()


def test_a_damaged_journal_is_taken_in_and_put_aside(path):
    writer = RunWriter.open(path, Run("j", "j"))
    for step in range(100):
        writer.points(step, ("loss",), [float(step)])
    writer._journal.close()
    journal = writer._journal.path
    data = bytearray(journal.read_bytes())
    data[-1000] ^= 4
    journal.write_bytes(data)
    with pytest.raises(StoreError, match="run j is still being written; stop it first"):
        repair(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("barograph.db.places.process._born", lambda pid: -1.0)  # its process is gone
        (said,) = repair(path)
    assert "run j: what is whole of its journal, damaged at byte" in said
    store = Store(path)
    assert store.check() == [] and len(store.series("j", "loss")) == 99
    assert [event.kind for event in store.events("j")] == ["lost"]
    assert [file.suffix for file in journal.parent.iterdir() if "journal" not in file.suffix] == [".damaged"]
    store.close()
