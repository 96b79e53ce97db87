"""Logs without a step: micro-batches as long as one may come, steps of their own where none does."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.recording.standstill import FEWEST, Standstill, Waiting


def test_how_long_it_waits():
    steps = [0]
    seen = Standstill(lambda: steps[0])
    for _ in range(40):
        assert seen.hooked() and not seen.add(Waiting({}, None, None))
    steps[0] = 1
    assert seen.hooked() and not seen.at_end()
    assert [seen.add(Waiting({}, None, None)) for _ in range(161)] == [False] * 160 + [True]
    assert len(seen.release()) == 161 and not seen.hooked()
    steps[0] = 2
    assert seen.hooked() and Standstill(lambda: None).hooked() is False


@pytest.mark.parametrize("stepped", [0, 30])
@pytest.mark.parametrize("steps", [34, 130])
@pytest.mark.parametrize("first", [False, True], ids=["log after", "log before"])
def test_weights_that_something_else_steps_keep_every_loss(writers, stepped, steps, first):
    """Also where the run ends before that is clear."""
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    losses = [float(step) for step in range(1, stepped + steps + 1)]
    with pytest.warns(RuntimeWarning, match="has not stepped for .* logs"), watch(None, optimizer) as run:
        for step, loss in enumerate(losses):
            if first:
                run.log(loss=loss, tokens=8)
            weight.grad = torch.ones(2)
            if step < stepped:
                optimizer.step()
            else:
                weight.data -= 0.1 * weight.grad
            if not first:
                run.log(loss=loss, tokens=8)
    (writer,) = writers
    assert writer.series("loss") == list(enumerate(losses, 1))
    assert writer.series("tokens") == [(step, 8.0 * step) for step in range(1, len(losses) + 1)]
    assert [event.kind for event in writer.events].count("optimizer") == 1


def test_an_optimizer_that_steps_again_counts_again(writers):
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    with pytest.warns(RuntimeWarning, match="has not stepped"), watch(None, optimizer) as run:
        for step in range(FEWEST + 40):
            if not 10 <= step < FEWEST + 20:
                weight.grad = torch.ones(2)
                optimizer.step()
            run.log(loss=float(step))
    assert len(writers[0].series("loss")) == FEWEST + 40


@pytest.mark.filterwarnings("error")
def test_micro_batches_stay_one_mean_a_step(writers):
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    with watch(None, optimizer) as run:
        for _ in range(3):
            for part in range(100):
                run.log(loss=float(part))
            weight.grad = torch.ones(2)
            optimizer.step()
    assert writers[0].series("loss") == [(1, 49.5), (2, 49.5), (3, 49.5)]
