"""A verb never raises into training."""

from __future__ import annotations

import pytest

from barograph.collectors.recording.guarded import guarded
from barograph.collectors.recording.recorder import Recorder
from barograph.collectors.recording.run_record import RunRecord
from barograph.db import Run


class Script:
    def __init__(self, record):
        self.record, self.calls = record, 0

    @guarded
    def divide(self, by: int) -> None:
        """Counts."""
        self.calls += 1
        1 / by


def test_errors_become_one_warning_and_nothing_is_done_when_it_is_over(memory_writer):
    record = RunRecord(Recorder(memory_writer(Run("a", "a"))), {})
    script = Script(record)
    with pytest.warns(RuntimeWarning, match="run.divide failed .ZeroDivisionError.*training goes on") as caught:
        script.divide(0)
        script.divide(0)
    assert len(caught) == 1 and script.calls == 2 and Script.divide.__doc__ == "Counts."
    record.pid += 1  # a forked process
    script.divide(1)
    record.pid -= 1
    record.over = True
    script.divide(1)
    assert script.calls == 2
    record.recorder.end("finished")
