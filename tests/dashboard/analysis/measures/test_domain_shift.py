"""What is lost and gained on sources of data, in nats."""

import numpy as np

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from tests.dashboard.analysis.measures.histories import TWO

MEASURES = discover()


def test_domains_are_compared_with_the_exact_start():
    """Nats lost on the first kind and won on the second, over the second's visit."""
    step, task = [0, 0, 100, 100, 200, 200], ["a", "b"] * 3
    losses = [5.0, 5.0, 2.0, 4.0, 3.5, 1.0]
    record = Evaluations.of(step, task, [np.nan] * 6, visits=TWO, also={"loss": losses})
    assert MEASURES["loss_forgetting"](record).per_task == {"a": 1.5}
    assert MEASURES["loss_adaptation"](record).per_task == {"a": 3.0, "b": 3.0}
    assert not MEASURES["acc"](record).measured
