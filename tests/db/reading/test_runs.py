"""Which runs there are, newest first, and how one is named."""

import contextlib
import sqlite3

import pytest

from barograph.db import Run, RunWriter, Store
from barograph.errors import NoSuchRun


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    for number, name in enumerate(["old", "gpt", "gpt"]):
        opened.append(Run(f"id{number}", name, started=float(number), state="finished"), {"loss": ([number], [1.0])})
    yield opened
    opened.close()


def test_newest_first_and_a_name_means_the_newest(store):
    assert [run.id for run in store.runs()] == ["id2", "id1", "id0"]
    assert store.run("gpt").id == "id2" and store.run("id1").id == "id1" and store.run("old").last_step == 0


def test_a_run_that_is_not_there_is_one_sentence_with_close_names(store):
    with pytest.raises(NoSuchRun, match="no run 'gtp' in .*did you mean gpt"):
        store.run("gtp")
    with pytest.raises(NoSuchRun, match="`barograph runs` lists what there is"):
        store.run("zzzzzz")


def test_a_configuration_that_is_no_object_and_odd_tags_are_kept(store, tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "runs.db")) as raw, raw:
        raw.execute("""UPDATE runs SET config = '"lr: 1"', tags = '[1, null, "a"]' WHERE id = 'id0'""")
        raw.execute("UPDATE runs SET config = '{broken', tags = '{}' WHERE id = 'id1'")
    text, broken = store.run("id0"), store.run("id1")
    assert (text.config, text.tags, text.problem) == ({"config": "lr: 1"}, ("1", "None", "a"), "")
    assert (broken.config, broken.tags) == ({}, ()) and "cannot be read" in broken.problem


def test_what_is_not_folded_yet_is_there(store, tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("live", "live", config={"a": 1}))
    writer.points(5, ("loss",), [1.0])
    writer.update(steps_planned=100)
    run = store.run("live")
    assert (run.state, run.last_step, run.steps_planned, run.config) == ("running", 5, 100, {"a": 1})
    writer.close("diverged")
    assert store.run("live").state == "diverged"
