"""From device to journal: one copy a flush, nothing lost in silence, nothing raised."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from barograph.collectors.recording import recorder as module
from barograph.collectors.recording.recorder import Recorder
from barograph.db import Run

NAMES = ("a.weight", "b.weight")


@pytest.fixture
def writer(memory_writer):
    return memory_writer(Run(id="r", name="r"))


def test_host_values_are_on_the_record_when_add_returns(writer):
    r = Recorder(writer)
    each = torch.tensor([1.0, float("nan")])
    r.add(3, [("loss", None, 2.5), ("norm", None, torch.tensor(1.5)), ("each", NAMES, each)])
    assert writer.series("loss") == [(3, 2.5)] and writer.series("norm") == [(3, 1.5)]
    assert writer.values[("each", "a.weight")][3] == 1.0
    assert writer.values[("each", "b.weight")][3] != writer.values[("each", "b.weight")][3]
    r.end("finished")
    assert writer.state == "finished"


def test_the_keys_of_a_row_are_one_tuple_used_again(writer):
    told = []
    writer.points = lambda step, keys, values: told.append(keys)
    r = Recorder(writer)
    for step in range(1, 4):
        r.add(step, [("loss", None, 1.0), ("each", NAMES, [1.0, 2.0])])
    r.end("finished")
    assert told[0] == ("loss", ("each", "a.weight"), ("each", "b.weight"))
    assert told[0] is told[1] is told[2]


def test_device_scalars_wait_and_go_in_one_copy(writer, monkeypatch):
    """The host stands in for a device here: its tensors are not read at once."""
    copies = []
    monkeypatch.setattr(module, "start_copy", lambda flat, device: copies.append(flat.numel()) or (None, flat.clone()))
    r = Recorder(writer, host=())
    for step in range(1, module.FLUSH_ROWS):
        r.add(step, [("loss", None, torch.tensor(float(step))), ("each", NAMES, torch.tensor([step, -step]).half())])
        assert "loss" not in writer.values or copies
    r.end("finished")
    rows = module.FLUSH_ROWS - 1
    assert sum(copies) == 3 * rows and len(copies) <= 3
    assert writer.series("loss") == [(step, float(step)) for step in range(1, rows + 1)]
    assert writer.series(("each", "b.weight")) == [(step, -float(step)) for step in range(1, rows + 1)]


def test_a_value_said_again_before_the_flush_is_the_later_one(writer):
    r = Recorder(writer, host=())
    for value in (1.0, 2.0, 1.5):
        r.add(1, [("loss", None, torch.tensor(value))])
    r.end("finished")
    assert writer.series("loss") == [(1, 1.5)]


def test_large_counts_keep_their_digits(writer):
    r = Recorder(writer, host=())
    r.add(1, [("tokens", None, torch.tensor(2.0**40 + 1, dtype=torch.float64)), ("loss", None, torch.tensor(1.0))])
    r.end("finished")
    assert writer.series("tokens") == [(1, 2.0**40 + 1)]


def test_a_thread_that_hangs_costs_counted_values_and_no_waiting(writer, monkeypatch):
    monkeypatch.setattr(module, "IN_FLIGHT", 3)
    release, tending = threading.Event(), threading.Event()
    writer.tend = lambda: (tending.set(), release.wait(20))
    r = Recorder(writer, host=())
    assert tending.wait(5)
    began = time.monotonic()
    for step in range(10 * module.FLUSH_ROWS):
        r.add(step, [("loss", None, torch.tensor(1.0))])
    assert time.monotonic() - began < 5
    assert r.dropped == 7 * module.FLUSH_ROWS
    release.set()
    r.end("finished")
    assert len(writer.series("loss")) == 3 * module.FLUSH_ROWS


def test_failures_of_the_store_are_one_warning_each(writer):
    def refuse(*_):
        raise OSError("disk on fire")

    writer.tend = writer.close = refuse
    r = Recorder(writer)
    with pytest.warns(RuntimeWarning) as caught:
        r.later(refuse)
        r.later(refuse)
        time.sleep(0.3)
        r.end("finished")
    said = sorted(str(w.message) for w in caught)
    assert len(said) == 3 and all("disk on fire" in s and "training goes on" in s for s in said)


def test_what_the_writer_drops_counts(writer):
    r = Recorder(writer)
    writer.dropped = 5
    assert r.dropped == 5
    r.end("finished")


def test_the_store_is_tended_without_any_log(writer, monkeypatch):
    monkeypatch.setattr(module, "TEND_SECONDS", 0.01)
    r = Recorder(writer)
    time.sleep(0.3)
    r.end("finished")
    assert writer.tended > 5
