"""A user's edits of a run, and the request to stop that its training process receives."""

import pytest

from barograph.db import Run, RunWriter, Store, writer


@pytest.fixture(autouse=True)
def at_every_tend(monkeypatch):
    monkeypatch.setattr(writer, "STOP_CHECK_SECONDS", 0.0)


def begin(path, **options) -> RunWriter:
    begun = RunWriter.open(path, Run("", "a"), **options)
    begun.points(1, ("loss",), [1.0])
    begun.tend()
    return begun


def test_a_request_arrives_with_its_reason(tmp_path):
    run, store = begin(tmp_path / "runs.db"), Store(tmp_path / "runs.db")
    assert not run.stop_requested() and run.stop_reason == ""
    store.request_stop(run.run.id, "the loss is not finite")
    run.tend()
    assert run.stop_requested() and run.stop_reason == "the loss is not finite"
    run.begin_attempt(0)
    run.tend()
    assert run.stop_requested(), "a roll-back does not take the request back"
    run.close("stopped")


def test_a_run_that_is_taken_up_again_is_not_stopped_once_more(tmp_path):
    run, store = begin(tmp_path / "runs.db"), Store(tmp_path / "runs.db")
    store.request_stop(run.run.id)
    run.close("stopped")
    again = begin(tmp_path / "runs.db", resume=True)
    assert again.run.id == run.run.id and not again.stop_requested()
    store.request_stop(run.run.id)
    again.tend()
    assert again.stop_reason == "asked for in the dashboard"
    again.close("stopped")
