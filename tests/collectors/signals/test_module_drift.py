"""Change of modules that are moved by hand."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.signals import module_drift
from tests.collectors.one_step import context, values


def test_change_since_the_task_began_and_in_a_step():
    step = context()
    assert values(module_drift.since_task_began(step)) == {"a": 0} and module_drift.per_step(step) is None
    with torch.no_grad():
        step.layout.params[0] += 0.9
    step.step = 4
    assert values(module_drift.since_task_began(step)) == pytest.approx({"a": 4 * 0.9 / 9}, rel=1e-5)
    assert values(module_drift.per_step(step)) == pytest.approx({"a": 4 * 0.9 / 6 / 3}, rel=1e-5)
    assert module_drift.lowest_to_highest(step) is None, "there are no four numbered layers"
