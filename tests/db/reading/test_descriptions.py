"""What a signal means travels with the run: in its journal, in the tables, and from older and newer versions."""

import sqlite3

import pytest

from barograph.db import Description, Run, RunWriter, Store
from barograph.known_series import SERIES, known

SAID = Description("x", "B", "Bytes", "lower", ("layer",), title="Memory", remedy="turn it on")


@pytest.fixture
def writer(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    writer.points(1, (("x", "0"), "loss"), [1.0, 2.0])
    return writer


@pytest.mark.parametrize("folded", [False, True])
def test_title_and_remedy_travel_with_the_run(tmp_path, writer, folded):
    writer.describe(SAID)
    writer.describe(Description("never", title="Never", remedy="ask for it"))
    if folded:
        writer.close("finished")
    found = Store(tmp_path / "runs.db").signals("a")
    assert found["x"] == Description(
        "x", "B", "Bytes", "lower", ("layer",), (("0",),), title="Memory", remedy="turn it on"
    )
    assert "never" not in found
    assert Store(tmp_path / "runs.db").descriptions("a")["never"] == Description(
        "never", title="Never", remedy="ask for it"
    )


def test_an_older_reader_finds_the_fields_that_it_knows_in_the_note(writer):
    noted = []
    writer._journal.note = lambda **entry: noted.append(entry)
    writer.describe(SAID)
    assert noted[0]["describe"] == {
        "name": "x",
        "unit": "B",
        "sentence": "Bytes",
        "better": "lower",
        "axes": ("layer",),
    }


@pytest.mark.parametrize("folded", [False, True])
def test_notes_of_other_versions_are_read(tmp_path, writer, folded):
    old = {"name": "loss", "unit": "", "sentence": "Of old", "better": "lower", "axes": []}
    writer._note(describe=old)
    writer._note(describe={"name": "x", "sentence": "Newer", "sound": "beep"}, from_tomorrow={"name": "x"})
    if folded:
        writer.close("finished")
    found = Store(tmp_path / "runs.db").signals("a")
    assert found["loss"] == Description(
        "loss", "", "Of old", "lower", (), ((),), title="Loss", remedy=known("loss").remedy
    )
    assert found["x"].sentence == "Newer"


def test_a_store_of_before_titles_has_those_of_the_known_series(tmp_path, writer):
    writer.describe(Description("loss", sentence="Of old"))
    writer.close("finished")
    with sqlite3.connect(tmp_path / "runs.db") as raw:
        for column in ("title", "remedy"):
            raw.execute(f"ALTER TABLE signals DROP COLUMN {column}")
        raw.execute("DELETE FROM barograph_migrations WHERE name = 'm005_titles'")
    raw.close()
    found = Store(tmp_path / "runs.db").signals("a")
    assert (found["loss"].title, found["loss"].sentence) == (SERIES["loss"].title, "Of old")
    assert found["x"].title == "X" and found["x"].remedy == "log it: run.log(x=...)"
