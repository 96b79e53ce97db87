"""What a script logs, without hooks: each name that comes again begins a step."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import pytest
import torch

from barograph.collectors import watch
from barograph.collectors.recording.recorder import Recorder
from barograph.collectors.recording.run_record import RunRecord
from barograph.collectors.recording.training_log import TrainingLog
from barograph.db import Run


@pytest.fixture
def log(memory_writer):
    record = RunRecord(Recorder(memory_writer(Run("a", "a"))), {})
    yield TrainingLog(record, lambda: None)
    record.recorder.end("finished")


def test_steps_splits_tokens_and_ways_back(log):
    writer, shared = log.record.writer, []
    log.shared = lambda step, row: shared.append((step, row["loss"])) or row
    for loss in (3.0, 2.0):
        log.log({"loss": torch.tensor(loss)}, None, None, 8)
    log.log({"loss": 2.5}, None, "val", None)
    assert writer.series("loss") == [(1, 3.0), (2, 2.0)] and writer.series("tokens") == [(1, 8.0), (2, 16.0)]
    assert writer.series("val_loss") == [(2, 2.5)] and shared == [(1, 3.0), (2, 2.0)]
    log.log({"loss": 1.0}, 9, None, None)
    with pytest.warns(RuntimeWarning, match="steps go back from 9 to 5: a new attempt begins there"):
        log.log({"loss": float("nan")}, 5, None, None)
    assert writer.attempts == [4] and writer.events[-1].kind == "restart" and log.diverged
    assert [step for step, _ in writer.series("time")] == [1, 2, 5, 9]


def test_what_is_no_number_is_one_warning(log):
    with pytest.warns(RuntimeWarning, match="log.bad=.... is not recorded .*expected one number") as caught:
        for _ in range(2):
            log.log({"bad": "words", "good": 1.0}, None, None, None)
    assert len(caught) == 1 and log.record.writer.series("good") == [(1, 1.0), (2, 1.0)]


class Moody:
    def __float__(self):
        raise RuntimeError("not today")


ODD = {
    "huge": 10**400, "none": None, "text": "words", "complex": 1j, "two": [1.0, 2.0], "moody": Moody(),
    "pair": torch.ones(2), "meta": torch.ones(1, device="meta"), "array": np.ones(2), "nested": {"a": {"b": 1.0}},
    5: 1.0, None: 1.0, b"x": 1.0, (): 1.0, (5, "a"): 1.0, ("a", None): 1.0,
}  # fmt: skip


@pytest.mark.parametrize("split", [None, "val"])
def test_each_item_that_cannot_be_taken_is_named_and_the_rest_is_kept(log, split):
    good = {"loss": 2.0, "one": np.array([3.0]), ("norm", 4): torch.tensor([4.0])}
    with pytest.warns(RuntimeWarning) as caught:
        for _ in range(2):
            log.log(ODD | good, None, split, None)
    said = [str(warning.message) for warning in caught]
    assert len(said) == len(ODD) and all("is not recorded" in text for text in said)
    for name in ("huge", "none", "moody", "meta", "{5: ...}", "{None: ...}", "{b'x': ...}"):
        assert any(f"({name}=" in text or f"({name})" in text for text in said), name
    found = {key: values for key, values in log.record.writer.values.items() if key != "time"}
    prefix = "val_" if split else ""
    last = 0 if split else 2
    assert {key: values[last] for key, values in found.items()} == {
        f"{prefix}loss": 2.0, f"{prefix}one": 3.0, (f"{prefix}norm", "4"): 4.0,
    }  # fmt: skip


@pytest.mark.parametrize("step", [2**62, -(2**63), float("nan"), "soon", None])
def test_a_step_that_is_none_costs_its_values_nothing(log, step):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for loss in (3.0, 2.0):
            log.log({"loss": loss}, step, None, None)
    assert log.record.writer.series("loss") == [(1, 3.0), (2, 2.0)]
    assert ["step= is no step" in str(one.message) for one in caught] == [True] * (step is not None)


def test_a_series_of_the_run_s_own_is_not_overwritten(writers, small, train):
    """The clock never is; what hooks measure is not where there are hooks."""
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    with pytest.warns(RuntimeWarning, match="log.time=.... is recorded as logged_time"):
        with watch() as run:
            run.log(time=-1.0, step_time=-2.0)
        with watch(small, optimizer) as run:
            train(small, optimizer, steps=2, each=lambda step: run.log({"time": -1.0, "step_time": -2.0}))
    free, hooked = writers
    assert free.series("logged_time") == [(1, -1.0)] and free.series("step_time") == [(1, -2.0)]
    for name, value in (("time", -1.0), ("step_time", -2.0)):
        assert hooked.series(f"logged_{name}") == [(1, value), (2, value)]
        assert all(found >= 0 for _, found in hooked.series(name)) and hooked.series(name)
    assert [event.text for event in hooked.events if event.kind == "names"] == [
        "time is recorded as logged_time: the run measures its own time",
        "step_time is recorded as logged_step_time: the run measures its own step_time",
    ]


def test_a_step_in_the_name_is_named_once_and_its_values_are_kept(log):
    writer = log.record.writer
    with pytest.warns(RuntimeWarning, match=r"1,000 names are logged .* 998 of them like 'loss_step_\*'") as caught:
        for step in range(1, 1200):
            log.log({"loss": 1.0, f"loss_step_{step}": float(step)}, step, None, None)
    assert len(caught) == 1 and [event.kind for event in writer.events] == ["names"]
    assert writer.series("loss_step_1199") == [(1199, 1199.0)] and len(writer.series("loss")) == 1199


def test_late_values_are_recorded_at_their_step_and_the_run_goes_on(log):
    writer = log.record.writer
    for step in range(1, 31):
        log.log({"loss": float(step)}, step, None, 8)
    log.log({"val": 0.5}, 12, None, 8)
    log.log({"val": 0.4}, 10, None, None)
    log.log({"loss": 31.0}, 31, None, 8)
    assert writer.attempts == [] and writer.series("val") == [(10, 0.4), (12, 0.5)]
    assert writer.series("loss") == [(step, float(step)) for step in range(1, 32)]
    assert writer.series("tokens")[-2:] == [(30, 31 * 8.0), (31, 32 * 8.0)]
    assert [step for step, _ in writer.series("time")] == list(range(1, 32))


def test_every_name_of_a_log_stands_at_the_step_that_the_loop_names(memory_writer):
    record = RunRecord(Recorder(memory_writer(Run("a", "a"))), {})
    log = TrainingLog(record, lambda: 1)
    for step in range(1, 4):
        log.log({"generator": 1.0} if step == 1 else {"generator": 1.0, "critic": 2.0}, step, None, None)
        record.counter.complete()
    record.recorder.end("finished")
    assert record.writer.series("critic") == [(2, 2.0), (3, 2.0)] and record.counter.done == 3


def test_epochs_as_steps_leave_the_count_of_the_optimizer_alone_and_are_named(memory_writer):
    record = RunRecord(Recorder(memory_writer(Run("a", "a"))), {})
    log = TrainingLog(record, lambda: 1)

    def epochs():
        for epoch in range(1, 4):
            for _ in range(100):
                record.counter.complete()
            log.log({"loss": 1.0}, epoch, None, None)

    with pytest.warns(RuntimeWarning, match="loss is logged at step 1 when 100 steps are done: .* epochs") as caught:
        epochs()
    record.recorder.end("finished")
    assert len(caught) == 1 and record.counter.done == 300 and record.writer.attempts == []
    assert [step for step, _ in record.writer.series("loss")] == [1, 2, 3]


def test_threads_with_steps_of_their_own_lose_nothing(log):
    def work(name):
        for step in range(1, 301):
            log.log({name: float(step)}, step, None, None)

    threads = [threading.Thread(target=work, args=(f"loss_{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    right = [(step, float(step)) for step in range(1, 301)]
    assert log.record.writer.attempts == [] and [log.record.writer.series(f"loss_{n}") for n in range(6)] == [right] * 6
