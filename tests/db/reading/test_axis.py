"""Steps on another axis."""

import numpy as np
import pytest

from barograph.db import Run, Store
from barograph.errors import NotRecorded, StoreError


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    steps = np.arange(0, 101, 10)
    opened.append(Run("r", "r", flops_per_token=6.0), {"loss": (steps, steps), "tokens": (steps, steps * 512.0)})
    opened.append(Run("bare", "bare"), {"loss": (steps, steps)})
    yield opened
    opened.close()


def test_linear_between_recorded_points_and_at_the_mean_pace_beyond(store):
    assert store.axis("r", np.array([0, 15, 100, 150]), "tokens").tolist() == [0, 15 * 512, 100 * 512, 150 * 512]
    assert store.axis("r", np.array([10]), "flops").tolist() == [10 * 512 * 6]
    assert store.axis("r", np.array([7]), "step").tolist() == [7.0]


@pytest.mark.parametrize(
    "run, axis, why",
    [
        ("r", "time", "did not record time; record with watch"), ("r", "epoch", "log epoch=... with the loss"),
        ("bare", "tokens", "log tokens=... with the loss"), ("bare", "flops", "pass flops_per_token= to watch"),
    ],
)  # fmt: skip
def test_what_was_not_recorded_is_named_with_the_remedy(store, run, axis, why):
    with pytest.raises(NotRecorded, match=why):
        store.axis(run, np.array([1]), axis)


def test_an_axis_that_does_not_exist(store):
    with pytest.raises(StoreError, match="no axis 'stpe'; expected step, tokens, time, flops or epoch"):
        store.axis("r", np.array([1]), "stpe")
