"""A run is ended once, by the last word on how it went."""

from __future__ import annotations

import pytest

from barograph.collectors.machinery import Machinery
from barograph.collectors.recording.recorder import Recorder
from barograph.db import Run


@pytest.fixture
def machinery(memory_writer):
    return Machinery(Recorder(memory_writer(Run("a", "a"))), total_steps=100)


@pytest.mark.parametrize(
    ("loss", "asked", "state"), [(1.0, "", "finished"), (1.0, "rule", "stopped"), (float("nan"), "", "diverged")]
)
def test_the_state_of_an_end(machinery, loss, asked, state):
    for _ in range(100):
        machinery.log.log({"loss": loss}, None, None, None)
    machinery.record.writer.stop_reason = asked
    machinery.finish()
    machinery.finish("stopped")
    assert machinery.record.writer.state == state and machinery.record.over


@pytest.mark.parametrize("end", [Machinery._at_exit, Machinery.finish])
@pytest.mark.parametrize(("steps", "state"), [(50, "stopped"), (98, "finished"), (100, "finished")])
def test_an_end_before_the_planned_one_is_a_stop(machinery, end, steps, state):
    for _ in range(steps):
        machinery.log.log({"loss": 1.0}, None, None, None)
    end(machinery)
    assert machinery.record.writer.state == state


def test_a_change_of_the_data_is_a_boundary(machinery):
    reached = []
    machinery.tasks.on_boundary(lambda: reached.append(1))
    machinery.event("note", "no boundary", None, {})
    machinery.event("data", "code", None, {"share": 1})
    assert reached == [1] and machinery.record.writer.events[-1].data == {"share": 1}
    machinery.finish()
