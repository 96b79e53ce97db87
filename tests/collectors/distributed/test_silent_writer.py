"""It takes all that a run's writer takes, and keeps nothing."""

from __future__ import annotations

from barograph.collectors.distributed.silent_writer import SilentWriter
from barograph.collectors.recording.writer import Writer
from barograph.db import Run


def test_every_verb_of_a_writer_is_there():
    writer: Writer = SilentWriter(Run("a", "a"), 3)
    for verb in ("points", "columns", "describe", "event", "evaluation", "plan", "tend", "close"):
        assert getattr(writer, verb)(1, (), []) is None
    assert writer.from_step == 3 and writer.begin_attempt(7) == 0 and writer.from_step == 7
    assert not writer.stop_requested() and writer.new_findings() == [] and writer.dropped == 0
