"""What every part of a run stands on."""

from __future__ import annotations

from barograph.collectors.recording.recorder import Recorder
from barograph.collectors.recording.run_record import RunRecord
from barograph.collectors.signals import discover
from barograph.db import Run


def test_steps_go_on_with_their_tokens_and_values_are_described(memory_writer):
    writer = memory_writer(Run("a", "a", started=5.0, tokens_per_step=10.0), from_step=3)
    record = RunRecord(Recorder(writer), discover())
    assert (record.counter.done, record.counter.tokens, record.closed) == (3, 30.0, False)
    record.put(("my_metric", "a"), 2.0, 4)
    record.event("note", "hello", color="red")
    record.configure({"lr": 1})
    record.tick(4)
    record.recorder.end("finished")
    assert writer.values["my_metric", "a"] == {4: 2.0} and writer.descriptions["my_metric"].axes == ("part",)
    assert (writer.events[0].step, writer.events[0].data) == (3, {"color": "red"})
    assert writer.run.config == {"lr": 1} and record.clock.step == 4 and record.clock.elapsed > 0
    record.pid += 1
    assert record.closed
