"""The run where nothing is recorded: another rank does it, or the store cannot be written."""

from __future__ import annotations

from typing import Any

from .run import LiveRun


class NullRun(LiveRun):
    """Every verb of a live run, and none of them does anything: the same training script runs with it."""

    def __init__(self) -> None:
        self.name = ""

    def _nothing(self, *arguments: Any, **options: Any) -> None:
        """Takes anything."""

    log = event = evaluate = begin_task = end_task = predictions = alignment = attention = logits = finish = _nothing

    @property
    def id(self) -> str:
        return ""

    @property
    def over(self) -> bool:
        return True

    @property
    def step(self) -> int:
        return 0

    @property
    def should_stop(self) -> bool:
        return False

    @property
    def stop_reason(self) -> str:
        return ""
