"""Memory of this process and of the device."""

from __future__ import annotations

from barograph.collectors.signals import memory
from tests.collectors.one_step import context


def test_memory_on_the_host():
    assert memory.on_host(context()) > 1e6 and memory.on_device(context()) is None
