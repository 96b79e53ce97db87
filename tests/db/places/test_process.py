"""Whether the process that writes a journal is alive: on this host by its pid and birth, on another by its traces."""

from barograph.db import Run, RunWriter, Store
from barograph.db.places import process


def test_a_process_is_told_from_another_with_its_number():
    me = process.this_process()
    assert process.alive(me, 0.0)
    assert not process.alive(me | {"born": me["born"] - 1}, 0.0)
    assert not process.alive({}, 0.0)


def test_a_writer_on_another_host_lives_as_long_as_it_touches_its_journal(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    elsewhere = process.this_process() | {"host": "another"}
    assert process.alive(elsewhere, touched=1e12)
    assert not process.alive(elsewhere, touched=0.0)
    path = tmp_path / "runs.db"
    monkeypatch.setattr(process, "this_host", lambda: "another")
    writer = RunWriter.open(path, Run("r", "r"))
    monkeypatch.undo()
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    writer.points(0, ("loss",), [1.0])
    store = Store(path)
    assert store.run("r").state == "running"
    monkeypatch.setattr(process, "SILENT_SECONDS", -1.0)
    assert store.run("r").state == "lost"
    store.fold()  # taken for dead, and its journal deleted; but it only slept
    assert store._database.tail.files() == []
    writer.tend()
    writer.points(1, ("loss",), [1.0])
    assert store.series("r", "loss").steps.tolist() == [0, 1]
    writer.close()
