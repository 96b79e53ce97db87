"""Each series is described once; signals that are not recorded are described too, with what to turn on."""

from __future__ import annotations

from barograph.collectors.recording.run_descriptions import RunDescriptions
from barograph.collectors.signals import discover
from barograph.db import Run


def test_once_and_by_what_is_known(memory_writer):
    noted, writer = [], memory_writer(Run("a", "a"))
    writer.describe = noted.append
    descriptions = RunDescriptions(writer, discover())
    for _ in range(2):
        descriptions.describe("loss", None)
        descriptions.describe("weight_norm_local", None)
        descriptions.describe("my_score", ("a",))
    loss, local, own = noted
    assert (loss.title, loss.better) == ("Loss", "lower") and "run.log(loss=loss)" in loss.remedy
    assert local.title == "Weight norm, this rank's shard" and "shard only" in local.sentence
    assert (own.axes, own.better, own.title) == (("part",), "higher", "My score")


def test_signals_that_are_not_recorded_are_described_too(memory_writer):
    writer = memory_writer(Run("a", "a"))
    descriptions = RunDescriptions(writer, discover())
    descriptions.describe_signals(optimizers=2)
    assert writer.descriptions.keys() == discover().keys() and "loss" not in descriptions
    assert writer.descriptions["grad_norm"].axes == ("optimizer",) and writer.descriptions["time"].axes == ()
    assert all(one.title and one.remedy for one in writer.descriptions.values())
