"""Runs that go back, stop, and go on again: which steps count, and what state a run is in."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from barograph.db import Evaluation, Run, RunWriter, Store


def points(writer, first, last, value):
    for step in range(first, last):
        writer.points(step, ("loss",), [value])


def killed(path, code: str) -> None:
    """Runs `code` in a process of its own, with `path` and `db`'s names, which kills itself at the end."""
    head = "import os, signal, numpy as np\nfrom barograph.db import *\npath = " + repr(str(path)) + "\n"
    tail = "\nos.kill(os.getpid(), signal.SIGKILL)"
    done = subprocess.run([sys.executable, "-c", head + textwrap.dedent(code) + tail], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr


def test_a_spike_that_was_rolled_back_is_in_no_bucket(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.columns(np.arange(50_000), ("loss",), np.where(np.arange(50_000) == 40_123, 1e6, 1.0)[:, None])
    writer.begin_attempt(40_100)
    writer.columns(np.arange(40_101, 90_000), ("loss",), np.full((49_899, 1), 0.5))
    for fold in (False, True):
        if fold:
            writer.close()
        store = Store(tmp_path / "runs.db")
        for width in (10, 100, 1000, 10_000):
            found = store.buckets("r", "loss", width=width)
            assert found.high.max() == 1.0 and found.n.sum() == 90_000
        assert store.buckets("r", "loss", attempt=0, width=10).high.max() == 1e6
        assert [tuple(piece) for piece in store.lineage("r")] == [(0, -(2**62), 40_100), (1, 40_100, 2**62)]
        assert store.run("r").last_step == 89_999


def test_latest_looks_back_through_attempts_and_not_into_abandoned_steps(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    for step in range(100):
        writer.points(step, ("loss",), [step])
        if step % 30 == 0:
            writer.points(step, ("val_loss",), [-step])
    writer.begin_attempt(70)
    points(writer, 71, 75, 7.0)
    for fold in (False, True):
        if fold:
            writer.close()
        assert Store(tmp_path / "runs.db").latest("r") == {"loss": (74, 7.0), "val_loss": (60, -60.0)}


def test_an_attempt_that_died_before_its_first_point_costs_no_history(tmp_path):
    path = tmp_path / "runs.db"
    killed(path, "w = RunWriter.open(path, Run('r', 'gpt'))\nfor s in range(500): w.points(s, ('loss',), [1.0])")
    killed(
        path, "w = RunWriter.open(path, Run('', 'gpt'), resume=True)\nassert w.from_step == 499 and w.run.attempt == 1"
    )
    writer = RunWriter.open(path, Run("", "gpt"), resume=True)
    assert (writer.run.id, writer.run.attempt, writer.from_step) == ("r", 2, 499)
    points(writer, 500, 510, 2.0)
    store = Store(path)
    assert len(store.series("r", "loss")) == 510 and store.run("gpt").last_step == 509
    assert [a.state for a in store.attempts("r")] == ["stopped", "stopped", "running"]
    writer.close()


@pytest.mark.parametrize("network", ["0", "1"])
def test_folding_a_dead_attempt_after_its_successor_changes_nothing_about_the_successor(tmp_path, monkeypatch, network):
    monkeypatch.setenv("BAROGRAPH_NETWORK", network)
    path = tmp_path / "runs.db"
    killed(
        path,
        """
        w = RunWriter.open(path, Run("r", "gpt"))
        for s in range(300): w.points(s, ("loss",), [1.0])
        w.update(steps_planned=1000)
        """,
    )
    writer = RunWriter.open(path, Run("", "gpt"), resume=True, step=200)
    writer.update(steps_planned=2000)
    points(writer, 201, 250, 2.0)
    writer._next_fold = 0
    writer.tend()  # on a local disk the successor is in the tables before the dead one
    store = Store(path)
    for _ in range(2):
        run = store.run("gpt")
        assert (run.state, run.attempt, run.steps_planned, run.last_step) == ("running", 1, 2000, 249)
        assert [(a.number, a.from_step, a.state) for a in store.attempts("r")] == [
            (0, 0, "stopped"),
            (1, 200, "running"),
        ]
        store.fold()
    writer.close("finished")
    store.fold()
    assert store.run("gpt").state == "finished" and store.check() == []
    np.testing.assert_array_equal(store.series("r", "loss").steps, np.arange(250))


def test_a_closed_attempt_that_nobody_has_folded_does_not_end_the_one_that_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    path = tmp_path / "runs.db"
    first = RunWriter.open(path, Run("r", "gpt"))
    points(first, 0, 10, 1.0)
    first.close("stopped")
    second = RunWriter.open(path, Run("", "gpt"), resume=True)
    assert (second.run.id, second.run.attempt, second.from_step) == ("r", 1, 9)
    assert Store(path).run("gpt").state == "running"
    second.close("finished")
    assert Store(path).run("gpt").state == "finished"


def test_resume_without_such_a_run_begins_one(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("", "new"), resume=True)
    assert (writer.run.attempt, writer.from_step) == (0, 0)
    writer.close()
    writer = RunWriter.open(tmp_path / "runs.db", Run("", "other"), resume=True, step=5)
    assert writer.run.attempt == 0
    writer.close()


def test_late_values_go_to_the_attempt_that_holds_their_step(tmp_path):
    path = tmp_path / "runs.db"
    first = RunWriter.open(path, Run("r", "gpt"))
    points(first, 1, 101, 1.0)
    first.begin_attempt(60)
    points(first, 61, 81, 2.0)
    first.late(40, ("val", ("eval", "a")), [0.5, float("nan")])
    first.close("stopped")
    second = RunWriter.open(path, Run("", "gpt"), resume=True)
    points(second, 81, 91, 3.0)
    for step in (30, 70, 80):
        second.late(step, ("val",), [float(step)])
        second.evaluation(Evaluation(step, "qa", "accuracy", 0.1))
    for fold in (False, True):
        if fold:
            second.close()
        store = Store(path)
        found = store.series("r", "val")
        assert list(zip(found.steps, found.values, strict=True)) == [(30, 30.0), (40, 0.5), (70, 70.0), (80, 80.0)]
        assert np.isnan(store.series("r", "eval", ("a",)).values).tolist() == [True]
        assert len(store.series("r", "loss")) == 90 and len(store.series("r", "loss", attempt=0)) == 100
        assert [(a.number, a.from_step) for a in store.attempts("r")] == [(0, 0), (1, 60), (2, 80)]
        assert [(one.step, one.attempt) for one in store.evaluations("r")] == [(30, 0), (70, 1), (80, 1)]
        assert store.run("r").state == ("finished" if fold else "running") and store.check() == []
