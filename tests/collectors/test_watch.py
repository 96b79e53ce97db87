"""The one public name: which step a value gets, how a run ends, what it survives."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
import torch
from torch import nn

from barograph import db
from barograph.collectors import watch

ROOT = Path(__file__).resolve().parents[2]


def adamw(model, lr=0.01):
    return torch.optim.AdamW(model.parameters(), lr=lr)


def test_a_loop_that_logs_after_the_step(writers, small, train):
    optimizer = adamw(small)
    with watch(small, optimizer, name="a") as run:
        losses = train(small, optimizer, run, steps=4)
    assert writers[0].series("loss") == list(enumerate(losses, 1))
    assert writers[0].series("tokens") == [(1, 16.0), (2, 32.0), (3, 48.0), (4, 64.0)]
    assert [step for step, _ in writers[0].series("grad_norm")] == [1, 2, 3, 4]
    assert writers[0].run.tokens_per_step == 16
    assert writers[0].state == "finished"


def test_a_loop_that_logs_before_the_step(writers, small):
    optimizer = adamw(small)
    run = watch(small, optimizer, name="a")
    losses = []
    for _ in range(3):
        loss = small.loss()
        run.log(loss=loss, tokens=16)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    run.finish()
    assert writers[0].series("loss") == list(enumerate(losses, 1))
    assert [step for step, _ in writers[0].series("time")] == [1, 2, 3]


def test_each_name_decides_for_itself(writers, small):
    """An epoch logged before the first step does not pull the losses, logged after each step, one step on."""
    optimizer = adamw(small)
    with watch(small, optimizer) as run:
        run.log(epoch=0)
        for value in (3.0, 2.0):
            small.loss().backward()
            optimizer.step()
            run.log(loss=value)
    assert writers[0].series("epoch") == [(1, 0.0)]
    assert writers[0].series("loss") == [(1, 3.0), (2, 2.0)]


@pytest.mark.parametrize("before", [True, False])
def test_accumulated_logs_are_a_token_weighted_mean(writers, small, before):
    optimizer = adamw(small)
    parts = [(4.0, 10), (1.0, 30), (float("inf"), 0)][:2]
    with watch(small, optimizer) as run:
        for _ in range(3):
            if before:
                for loss, tokens in parts:
                    run.log(loss=loss, tokens=tokens)
            small.loss().backward()
            optimizer.step()
            if not before:
                for loss, tokens in parts:
                    run.log(loss=torch.tensor(loss), tokens=torch.tensor(tokens))
    assert writers[0].series("loss") == [(1, 1.75), (2, 1.75), (3, 1.75)]
    assert writers[0].series("tokens") == [(1, 40.0), (2, 80.0), (3, 120.0)]
    steps = [step for key, step in writers[0].order if key == "loss"]
    assert steps == [1, 1, 2, 2, 3, 3]  # each log was on the record when it returned


def test_a_step_is_an_optimizer_step(writers, small):
    optimizer = adamw(small)
    with watch(small, optimizer) as run:
        for micro in range(8):
            (small.loss() / 4).backward()
            if micro % 4 == 3:
                optimizer.step()
                optimizer.zero_grad()
        assert run.step == 2
    assert [step for step, _ in writers[0].series("grad_norm")] == [1, 2]


def test_validation_is_a_sparse_series_of_its_own(writers, small, train):
    optimizer = adamw(small)
    with watch(small, optimizer) as run:
        run.log(val_loss=9.0, split="val")

        def evaluate(step):
            if step % 2 == 0:
                run.log(loss=float(step), split="val")

        train(small, optimizer, run, steps=4, each=evaluate)
        run.log(val_loss=7.0, split="val", step=3)
    assert writers[0].series("val_loss") == [(0, 9.0), (2, 2.0), (3, 7.0), (4, 4.0)]
    assert len(writers[0].series("loss")) == 4 and not writers[0].attempts


def test_named_steps_and_a_roll_back(writers, small):
    optimizer = adamw(small)
    with watch(small, optimizer) as run:
        for step in [10, 11, 12, 11, 12, 13]:
            run.log(loss=float(step), step=step)
            small.loss().backward()
            optimizer.step()
    assert writers[0].attempts == [10]
    assert [step for step, _ in writers[0].series("loss")] == [10, 11, 12, 13]
    assert [step for step, _ in writers[0].series("grad_norm")] == [10, 11, 12, 13]
    assert [e.kind for e in writers[0].events] == ["restart"]


def test_without_an_optimizer_a_name_that_comes_again_begins_a_step(writers):
    with watch(total_steps=3) as run:
        for value in (3.0, 2.0, 1.0):
            run.log(loss=value, tokens=5)
            run.log(accuracy=value / 10)
    assert writers[0].series("loss") == [(1, 3.0), (2, 2.0), (3, 1.0)]
    assert writers[0].series("accuracy") == [(1, 0.3), (2, 0.2), (3, 0.1)]
    assert [step for step, _ in writers[0].series("time")] == [1, 2, 3]
    assert writers[0].descriptions["accuracy"].better == "higher"


def test_two_optimizers(writers, small):
    first = torch.optim.AdamW(small.body.parameters(), lr=0.01)
    second = torch.optim.SGD(small.table.parameters(), lr=0.5)
    with watch(small, [first, second], preset="full"):
        for _ in range(3):
            small.loss().backward()
            total = nn.utils.clip_grad_norm_(small.parameters(), 0.01)
            first.step()
            second.step()
    w = writers[0]
    assert [w.values[("lr", part)][3] for part in "01"] == [0.01, 0.5]
    parts = [w.values[("grad_norm", part)][3] for part in "01"]
    assert math.hypot(*parts) == pytest.approx(total.item(), rel=1e-5)
    assert w.descriptions["grad_norm"].axes == ("optimizer",)
    assert set(w.values[("update_norm_tensor", "table.weight")]) == {1, 2, 3}


@pytest.mark.parametrize(
    ("problem", "state"),
    [(KeyboardInterrupt, "stopped"), (SystemExit, "stopped"), (RuntimeError("no"), "stopped"), (None, "finished")],
)
def test_how_a_run_ends(writers, small, train, problem, state):
    optimizer = adamw(small)

    def loop():
        with watch(small, optimizer) as run:
            train(small, optimizer, run, steps=2)
            if problem is not None:
                raise problem

    if problem is None:
        loop()
    else:
        with pytest.raises(problem if isinstance(problem, type) else type(problem)):
            loop()
    assert writers[0].state == state
    assert [e.kind for e in writers[0].events] == (["exception"] if isinstance(problem, RuntimeError) else [])


def test_diverged_and_stopped_on_request(writers):
    run = watch()
    run.log(loss=float("nan"))
    run.finish()
    run.finish()
    assert writers[0].state == "diverged" and math.isnan(writers[0].series("loss")[0][1])
    run = watch()
    writers[1].stop_reason = "asked for"
    assert run.should_stop
    run.finish()
    assert writers[1].state == "stopped" and not run.should_stop
    run.log(loss=1.0)  # after the end: nothing, and no exception
    assert not writers[1].values


def test_tasks_events_and_evaluations(writers):
    with watch() as run:
        run.begin_task("arithmetic")
        run.log(loss=1.0)
        run.begin_task("spelling")
        run.event("data", "switched", source="books")
        run.evaluate(None, "arithmetic", accuracy=0.5, loss=torch.tensor(2.0), n=10, n_invalid=1, weights="ema")
        run.end_task()
        run.end_task()
    said = [(e.kind, e.text, e.data.get("boundary")) for e in writers[0].events]
    assert said == [
        ("task", "arithmetic", "begin"),
        ("task", "arithmetic", "end"),
        ("task", "spelling", "begin"),
        ("data", "switched", None),
        ("task", "spelling", "end"),
    ]
    found = [(e.step, e.task, e.metric, e.value, e.n, e.n_invalid, e.weights) for e in writers[0].evaluations]
    assert found == [(1, "arithmetic", "accuracy", 0.5, 10, 1, "ema"), (1, "arithmetic", "loss", 2.0, 10, 1, "ema")]


def test_nothing_raises_into_training(writers, monkeypatch, small, train):
    optimizer = adamw(small)
    with pytest.warns(RuntimeWarning) as caught, watch(small, optimizer) as run:
        run.log(loss=torch.ones(3))
        run.log(loss="high")
        run.evaluate(1, "task", metric="none")
        monkeypatch.setattr("barograph.collectors.signals.gradient_norms.l1", lambda *_: 1 / 0)
        train(small, optimizer, run, steps=12)
    said = [str(w.message) for w in caught]
    assert sum("log(loss=...)" in s for s in said) == 1
    assert sum("signal grad_l1 is off" in s and "ZeroDivisionError" in s for s in said) == 1
    assert len(said) == 3
    assert len(writers[0].series("grad_norm")) == 12 and not writers[0].series("grad_l1")


def test_warnings_as_errors_do_not_reach_training(writers, capsys):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with watch() as run:
            run.log(loss=torch.ones(3))
    assert "log(loss=...)" in capsys.readouterr().err


def test_arguments_that_cannot_be_meant(small):
    for arguments, said in [
        ({"preset": "heavy"}, "light, standard, full"),
        ({"model": adamw(small)}, "torch.nn.Module"),
        ({"optimizer": small}, "torch.optim.Optimizer"),
        ({"total_steps": 0}, "at least 1"),
        ({"plan": lambda step: 1.0}, "total_steps"),
        ({"plan": [[1.0]]}, "one finite learning rate"),
    ]:
        with pytest.raises(ValueError, match=said):
            watch(**arguments)


def test_a_store_that_cannot_be_written_costs_a_warning(tmp_path, small, train):
    optimizer = adamw(small)
    with pytest.warns(RuntimeWarning, match="nothing is recorded: .*no folder"):
        run = watch(small, optimizer, store=tmp_path / "missing" / "runs.db")
    assert len(train(small, optimizer, run, steps=2)) == 2
    run.event("note", "unheard")
    run.begin_task("unheard")
    assert run.step == 0 and not run.should_stop
    run.finish()


def test_only_rank_zero_records(monkeypatch, writers):
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 3)
    watch(name="a").log(loss=1.0)
    assert not writers
    watch(name="a", every_rank=True).finish()
    assert writers[0].run.name == "a-rank3"


def test_watching_an_optimizer_again_ends_the_watch_before(writers, small, train):
    optimizer = adamw(small)
    watch(small, optimizer, name="cell")
    with pytest.warns(RuntimeWarning, match="cell is ended as stopped"):
        again = watch(small, optimizer)
    train(small, optimizer, again, steps=1)
    again.finish()
    assert writers[0].state == "stopped" and not writers[0].values and writers[1].values


def test_the_thread_is_gone_after_the_end(writers):
    before = threading.active_count()
    watch().finish()
    assert threading.active_count() == before


def test_a_run_is_on_file_and_goes_on_as_a_new_attempt(tmp_path, small, train):
    path = tmp_path / "runs.db"
    optimizer = adamw(small)
    with watch(small, optimizer, store=path, name="long", config={"lr": 0.01}, total_steps=10) as run:
        losses = train(small, optimizer, run, steps=5)
    with watch(small, optimizer, store=path, name="long", resume=True, step=3) as run:
        assert run.step == 3
        losses[3:] = train(small, optimizer, run, steps=4)
    s = db.Store(path)
    (found,) = s.runs()
    assert (found.state, found.attempt, found.last_step, found.config) == ("finished", 1, 7, {"lr": 0.01})
    series = s.series(found.id, "loss")
    assert series.steps.tolist() == list(range(1, 8)) and series.values.tolist() == pytest.approx(losses)
    tokens = s.series(found.id, "tokens")
    assert tokens.values.tolist() == [16.0 * k for k in range(1, 8)]


def test_a_run_is_resumed_while_its_store_is_damaged_and_joined_when_it_is_restored(tmp_path, small, train):
    path = tmp_path / "runs.db"
    optimizer = adamw(small)
    with watch(small, optimizer, store=path, name="long") as run:
        losses = train(small, optimizer, run, steps=5)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it is in the one file
    whole = path.read_bytes()
    path.write_bytes(b"garbage!" * 4 + whole[32:])
    with pytest.warns(RuntimeWarning, match="recorded as a run of its own, and joined to run long"):
        run = watch(small, optimizer, store=path, name="long", resume=True, step=3)
    assert not run.over and run.step == 3
    losses[3:] = train(small, optimizer, run, steps=4)
    for left in tmp_path.glob("runs.db-*"):
        left.unlink()
    path.write_bytes(whole)
    run.finish()
    s = db.Store(path)
    (found,) = s.runs()
    assert (found.id, found.state, found.attempt, found.last_step) == (run.id, "finished", 1, 7)
    series = s.series(found.id, "loss")
    assert series.steps.tolist() == list(range(1, 8)) and series.values.tolist() == pytest.approx(losses)


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ("", "finished"),
        ("raise RuntimeError('no')", "stopped"),
        ("raise SystemExit(3)", "finished"),
        ("os._exit(0)", "killed"),
    ],
)
def test_a_script_that_never_calls_finish(tmp_path, ending, state):
    script = f"""
        import os
        from barograph import watch
        run = watch(store="runs.db", name="a")
        for loss in (2.0, 1.0):
            run.log(loss=loss)
        {ending}
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    (tmp_path / "train.py").write_text(textwrap.dedent(script))
    subprocess.run([sys.executable, "train.py"], cwd=tmp_path, env=environment, capture_output=True, timeout=60)
    s = db.Store(tmp_path / "runs.db", create=True)
    s.fold()
    (found,) = s.runs()
    assert found.state == state
    assert s.series(found.id, "loss").values.tolist() == [2.0, 1.0]
