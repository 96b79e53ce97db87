"""What a script logs, without hooks: each name that comes again begins a step."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.recording.recorder import Recorder
from barograph.collectors.recording.run_record import RunRecord
from barograph.collectors.recording.training_log import TrainingLog
from barograph.db import Run


@pytest.fixture
def log(memory_writer):
    record = RunRecord(Recorder(memory_writer(Run("a", "a"))), {})
    yield TrainingLog(record, lambda: False)
    record.recorder.end("finished")


def test_steps_splits_tokens_and_ways_back(log):
    writer, shared = log.record.writer, []
    log.loss_shared = lambda step, loss: shared.append((step, loss))
    for loss in (3.0, 2.0):
        log.log({"loss": torch.tensor(loss)}, None, None, 8)
    log.log({"loss": 2.5}, None, "val", None)
    assert writer.series("loss") == [(1, 3.0), (2, 2.0)] and writer.series("tokens") == [(1, 8.0), (2, 16.0)]
    assert writer.series("val_loss") == [(2, 2.5)] and shared == [(1, 3.0), (2, 2.0)]
    log.log({"loss": 1.0}, 9, None, None)
    log.log({"loss": float("nan")}, 5, None, None)
    assert writer.attempts == [4] and writer.events[-1].kind == "restart" and log.diverged


def test_what_is_no_number_is_one_warning(log):
    with pytest.warns(RuntimeWarning, match="log.bad=.... is not recorded .*expected one number") as caught:
        for _ in range(2):
            log.log({"bad": "words", "good": 1.0}, None, None, None)
    assert len(caught) == 1 and log.record.writer.series("good") == [(1, 1.0), (2, 1.0)]


def test_a_step_in_the_name_is_named_once_and_its_values_are_kept(log):
    writer = log.record.writer
    with pytest.warns(RuntimeWarning, match=r"1,000 names are logged .* 998 of them like 'loss_step_\*'") as caught:
        for step in range(1, 1200):
            log.log({"loss": 1.0, f"loss_step_{step}": float(step)}, step, None, None)
    assert len(caught) == 1 and [event.kind for event in writer.events] == ["names"]
    assert writer.series("loss_step_1199") == [(1199, 1199.0)] and len(writer.series("loss")) == 1199
