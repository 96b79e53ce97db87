"""What all integrations stand on, without a framework: skipped steps, odd optimizers, late results."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors.integrations._bridge import Bridge


@pytest.fixture
def optimizer():
    parameter = nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    return torch.optim.SGD([parameter], lr=0.1)


def test_a_step_that_is_skipped_is_none(tmp_path, recorded, optimizer):
    """Its loss is averaged with the next try's, not added to it; the steps stay the optimizer's."""
    bridge = Bridge(store=tmp_path / "runs.db", name="skips")
    bridge.begin(None, optimizer)
    tries = (True, (8.0, 2.0)), (False, (1.0, 1.0)), (False, (0.5, 0.5)), (True, (3.0,)), (True, (4.0,))
    for skipped, parts in tries:
        for part in parts:
            bridge.part(torch.tensor(part), tokens=4)
        if not skipped:
            optimizer.step()
        bridge.stepped()
    bridge.end()
    _, run, values = recorded(tmp_path / "runs.db", "skips")
    assert values("loss") == {1: 6.0, 2: 1.0} and values("tokens") == {1: 16.0, 2: 24.0}


def test_an_optimizer_that_is_none_costs_the_hooks_and_not_the_run(tmp_path, recorded):
    bridge = Bridge(store=tmp_path / "runs.db", name="odd", config={"own": 1})
    with pytest.warns(RuntimeWarning, match="watching the optimizer failed"):
        bridge.begin(nn.Linear(1, 1), object(), scheduler=object(), total_steps=3, config={"lr": 0.1})
    for value in (3.0, 2.0, 1.0):
        bridge.part(torch.tensor(value))
        bridge.stepped()
    bridge.end()
    _, run, values = recorded(tmp_path / "runs.db", "odd")
    assert values("loss") == {1: 3.0, 2: 2.0, 3: 1.0}
    assert (run.config, run.steps_planned) == ({"lr": 0.1, "own": 1}, 3)


@pytest.mark.parametrize("last, state", [(1.0, "stopped"), (float("nan"), "diverged")])
def test_results_that_come_late_leave_the_state_as_it_was(tmp_path, recorded, optimizer, last, state):
    bridge = Bridge(store=tmp_path / "runs.db", name="late")
    bridge.begin(None, optimizer)
    optimizer.step()
    bridge.part(torch.tensor(last))
    bridge.stepped()
    bridge.end("stopped")
    bridge.evaluated("held out", {"val_loss": 0.5, "accuracy": 0.25, "name": "no number"})
    store, run, values = recorded(tmp_path / "runs.db", "late")
    assert run.state == state and values("val_loss") == {1: 0.5} and len(store.attempts(run.id)) == 1
    (found,) = store.evaluations(run.id)
    assert (found.step, found.task, found.metric, found.value) == (1, "held out", "accuracy", 0.25)


def test_nothing_happens_before_a_run_begins(tmp_path):
    bridge = Bridge(store=tmp_path / "runs.db")
    bridge.part(torch.ones(()))
    bridge.stepped()
    bridge.scalars({"loss": 1.0, "lr": 0.1, "val_loss": 2.0, "other": 3.0}, step=4)
    bridge.evaluated("task", {"accuracy": 1.0})
    bridge.beside({"x": 1.0})
    bridge.configure({"a": 1})
    bridge.end()
    assert not list(tmp_path.iterdir()) and bridge.options["config"] == {"a": 1}
