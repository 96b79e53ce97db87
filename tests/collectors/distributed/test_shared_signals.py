"""Shares of two ranks become the run's values; where one is missing, rank 0's own are recorded as such."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.distributed.shared_signals import LOSS, TIMES, SharedSignals
from barograph.collectors.hooks.parameter_layout import ParameterLayout
from barograph.collectors.recording.run_descriptions import RunDescriptions
from barograph.collectors.signals import discover
from barograph.db import Run


class Ranks:
    """Two ranks without a network: what is put is kept."""

    rank, world, over = 0, 2, False

    def __init__(self):
        self.shared = []

    def start(self, from_step, write, say):
        self.write = write

    def put(self, *share):
        self.shared.append(share)

    def close(self):
        self.over = True


@pytest.fixture
def joined(memory_writer):
    writer, ranks, signals = memory_writer(Run("a", "a")), Ranks(), discover()
    found = SharedSignals(ranks, writer, signals, RunDescriptions(writer, signals), bool)
    yield found, ranks, writer
    found.close()


def test_norms_add_up_by_their_squares_and_the_largest_wins(joined):
    _, ranks, writer = joined
    ranks.write(1, "grad_norm", {0: (("m",), [3.0]), 1: (("m",), [4.0])})
    ranks.write(1, "attn_logit_peak", {0: (("m",), [3.0]), 1: (("m",), [4.0])})
    assert writer.values["grad_norm"] == {1: 5.0} and writer.values["attn_logit_peak"] == {1: 4.0}


def test_what_is_incomplete_is_rank_zeros_own(joined):
    _, ranks, writer = joined
    ranks.write(1, "grad_norm", {0: (("m",), [3.0])})
    ranks.write(2, "grad_norm", {1: (("m",), [3.0])})
    assert writer.values == {"grad_norm_local": {1: 3.0}}


def test_times_and_losses_by_rank(joined):
    found, ranks, writer = joined
    ranks.write(1, TIMES, {0: (None, [1.0, 0.2]), 1: (None, [1.0, 0.7])})
    ranks.write(1, LOSS, {1: (None, [2.0])})
    assert writer.values[TIMES, "0"][1] == pytest.approx(0.5) and writer.values[LOSS, "1"] == {1: 2.0}
    assert writer.descriptions[TIMES].axes == ("rank",) and writer.descriptions[LOSS].title == "Loss by rank"


def test_what_is_joined_is_shared_and_the_rest_is_this_ranks_own(joined):
    found, ranks, _ = joined
    model = torch.nn.Linear(2, 2)
    layout = ParameterLayout(torch.optim.SGD(model.parameters(), lr=0.1), model)
    items = [("lr", ("0",), [0.1]), ("attn_logit_peak", None, 3.0), ("grad_norm", None, 2.0)]
    assert found.row(1, layout, items) == [items[0], items[2]], "gradients that are not sharded are whole on each rank"
    ((step, name, _, value),) = ranks.shared
    assert (step, name, value) == (1, "attn_logit_peak", 3.0)
