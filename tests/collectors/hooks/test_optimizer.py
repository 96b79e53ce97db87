"""The hooks around a step: what is measured before it and after it, and what happens when a signal fails."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.hooks.optimizer import OptimizerHooks
from barograph.collectors.measurement import Moment
from barograph.collectors.signal import Signal


class Listener:
    """The run, as far as the hooks use it."""

    shares_signals = False

    def __init__(self, *signals):
        self.signals, self.rows, self.failures, self.steps = signals, [], [], 0

    def rank_roots(self, layout):
        return None

    def due(self, main, step):
        return [(signal, False) for signal in self.signals]

    def open_step(self, index):
        return self.steps + 1, {}

    def close_step(self, index, context):
        self.steps += 1

    def row(self, context, items):
        self.rows.append(items)

    def failed(self, signal, problem):
        self.failures.append((signal and signal.name, type(problem)))


@pytest.fixture
def weight():
    found = torch.nn.Parameter(torch.ones(1))
    found.grad = torch.ones(1)
    return found


def value(weight):
    return lambda context: weight.detach().clone().reshape(())


def test_before_and_after_a_step(weight):
    listener = Listener(
        Signal("old", value(weight), "", "", moment=Moment.BEFORE), Signal("new", value(weight), "", "")
    )
    optimizer = torch.optim.SGD([weight], lr=0.25)
    hooks = OptimizerHooks(listener, 0, optimizer, None, None, None)
    optimizer.step()
    assert [(name, float(found)) for name, _, found in listener.rows[0]] == [("old", 1.0), ("new", 0.75)]
    hooks.detach()
    optimizer.step()
    assert len(listener.rows) == 1 and hooks.layout is None


def test_a_signal_that_fails_costs_only_itself(weight):
    listener = Listener(Signal("bad", lambda context: 1 / 0, "", ""), Signal("good", lambda context: 1.0, "", ""))
    hooks = OptimizerHooks(listener, 1, torch.optim.SGD([weight], lr=0.25), None, None, ("1",))
    hooks.optimizer.step()
    assert listener.failures == [("bad", ZeroDivisionError)]
    ((name, parts, found),) = listener.rows[0]
    assert (name, parts, found.tolist()) == ("good", ("1",), [1.0]), "of a second optimizer: a part for each"
    hooks.detach()
