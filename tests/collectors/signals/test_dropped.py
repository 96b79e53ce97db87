"""What was lost is counted; a run that lost nothing has no such series."""

from __future__ import annotations

from barograph.collectors.signals import dropped
from tests.collectors.one_step import context


def test_what_was_lost():
    assert dropped.count(context()) is None and dropped.count(context(dropped=3)) == 3.0
