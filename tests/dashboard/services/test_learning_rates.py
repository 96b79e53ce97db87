"""The learning rate of a run: recorded, then planned."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.services.learning_rates import main_group, schedule_of
from barograph.db import Run, Store
from tests.dashboard.services.lawful_store import TOTAL, add, rate


def test_the_learning_rate_is_what_was_recorded_and_then_the_plan(tmp_path):
    store = Store(tmp_path / "runs.db")
    run = add(store, "half", 2000)
    schedule, origin = schedule_of(store, run)
    assert origin == "scheduler" and schedule.total == TOTAL
    np.testing.assert_allclose(schedule.eta, rate(), atol=1e-9)


def test_the_group_with_most_parameters_is_the_one_that_counts():
    groups = [{"parameters": 10}, {"parameters": 1000}, {}]
    assert main_group(Run("a", "a", provenance={"optimizers": [{"groups": groups}]})) == "1"
    assert main_group(Run("a", "a")) == "0"
