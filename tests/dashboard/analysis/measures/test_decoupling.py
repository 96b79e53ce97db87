"""The loss falls while the task fails."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from tests.dashboard.analysis.measures.histories import curve

MEASURES = discover()


def test_the_loss_falls_while_the_task_fails():
    steps = np.arange(201)
    dip = np.where(steps <= 100, 0.9, np.minimum(0.9, 0.3 + 0.01 * (steps - 101)))
    random = np.random.default_rng(0)
    accuracy = random.binomial(1000, dip) / 1000
    falling = 3 - 0.005 * steps + 0.002 * random.standard_normal(201)
    found = MEASURES["loss_falls_task_fails"](curve(accuracy, n=1000, also={"loss": falling}))
    assert found.value == pytest.approx(0.6, abs=0.05)
    (row,) = found.rows
    assert row.boundary == 100 and 101 <= row.lowest_at < 110 and row.loss_fallen > 0
    assert MEASURES["loss_falls_task_fails"](curve(accuracy, n=1000, also={"loss": 6 - falling})).value == 0
    noise = random.binomial(1000, 0.9, 201) / 1000
    assert MEASURES["loss_falls_task_fails"](curve(noise, n=1000, also={"loss": falling})).value == 0
    assert not MEASURES["loss_falls_task_fails"](curve(accuracy, n=1000)).measured


def test_what_was_learned_before_the_run_hides_no_reference():
    """A domain's tasks fail from a checkpoint on, whether the run names what it knew before or not."""
    accuracy = np.array([0.4, *(0.25 + 0.01 * np.arange(1, 21))])
    loss = {"loss": 2 - 0.04 * np.arange(21)}
    for visits in ([("a", 0, None)], [("before", 0, 0), ("a", 0, None)]):
        found = MEASURES["loss_falls_task_fails"](curve(accuracy, visits, n=1000, also=loss))
        assert found.value == pytest.approx(0.14)
