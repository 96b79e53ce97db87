"""Shares of two ranks become the run's values; where one is missing, rank 0's own are recorded as such."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.distributed.shared_signals import LOSS, LOSSES, TIMES, TOKENS, SharedSignals
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
    assert writer.values[TIMES, "0"][1] == pytest.approx(0.5) and writer.values[LOSSES, "1"] == {1: 2.0}
    assert writer.descriptions[TIMES].axes == ("rank",) and writer.descriptions[LOSSES].title == "Loss by rank"
    assert LOSS not in writer.values, "rank 0's own stays where others are missing"


def test_loss_and_tokens_are_shared_when_their_step_is_over_and_become_the_job_s(joined):
    found, ranks, writer = joined
    for step, loss, tokens in ((1, 4.0, 8.0), (1, 3.0, 16.0), (2, 2.0, 32.0)):  # the first step has two micro-batches
        assert found.log(step, {LOSS: loss, TOKENS: tokens, "acc": 1.0}) == {LOSS: loss, TOKENS: tokens, "acc": 1.0}
    assert [share[:2] + share[3:] for share in ranks.shared] == [(1, LOSS, 3.0), (1, TOKENS, 16.0)]
    ranks.write(1, LOSS, {1: (None, [5.0]), 0: (None, [3.0])})
    ranks.write(1, TOKENS, {0: (None, [16.0]), 1: (None, [48.0])})
    ranks.write(2, TOKENS, {0: (None, [32.0]), 1: (None, [96.0])})
    assert writer.values[LOSS] == {1: 4.0} and writer.values[TOKENS] == {1: 64.0, 2: 128.0}
    assert writer.run.tokens_per_step == 64.0
    assert found.log(3, {TOKENS: 40.0}) == {TOKENS: 160.0}, "as many more on the others as before"
    found.close()
    assert (3, TOKENS) in [share[:2] for share in ranks.shared] and (2, LOSS) in [share[:2] for share in ranks.shared]


def test_throughput_adds_up_and_is_rank_zeros_until_then(joined):
    found, ranks, writer = joined
    model = torch.nn.Linear(2, 2)
    layout = ParameterLayout(torch.optim.SGD(model.parameters(), lr=0.1), model)
    assert found.row(1, layout, [("tokens_per_s", None, 50.0)]) == [("tokens_per_s", None, 50.0)]
    ranks.write(1, "tokens_per_s", {0: (("m",), [50.0])})
    assert "tokens_per_s" not in writer.values
    ranks.write(1, "tokens_per_s", {0: (("m",), [50.0]), 1: (("m",), [40.0])})
    assert writer.values["tokens_per_s"] == {1: 90.0}


def test_what_is_joined_is_shared_and_the_rest_is_this_ranks_own(joined):
    found, ranks, _ = joined
    model = torch.nn.Linear(2, 2)
    layout = ParameterLayout(torch.optim.SGD(model.parameters(), lr=0.1), model)
    items = [("lr", ("0",), [0.1]), ("attn_logit_peak", None, 3.0), ("grad_norm", None, 2.0)]
    assert found.row(1, layout, items) == [items[0], items[2]], "gradients that are not sharded are whole on each rank"
    ((step, name, _, value),) = ranks.shared
    assert (step, name, value) == (1, "attn_logit_peak", 3.0)
