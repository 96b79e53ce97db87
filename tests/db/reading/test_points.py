"""Series and buckets across attempts, stored and not."""

import numpy as np
import pytest

from barograph.db import Run, RunWriter, Store
from barograph.db.reading.points import series_keys


@pytest.fixture
def store(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    for step in range(100):
        writer.points(step, ("loss", ("norm", "a")), [1.0, step])
    writer.begin_attempt(40)
    for step in range(41, 60):
        writer.points(step, ("loss",), [2.0])
    opened = Store(tmp_path / "runs.db")
    yield opened
    writer.close()
    opened.close()


def test_the_surviving_line_and_one_attempt_whole(store):
    line = store.series("r", "loss")
    assert line.steps.tolist() == list(range(60)) and line.values.tolist() == [1.0] * 41 + [2.0] * 19
    assert len(store.series("r", "loss", attempt=0)) == 100
    assert store.series("r", "loss", after=50).steps.tolist() == list(range(51, 60))
    assert store.series("r", "loss", lo=39, hi=42).steps.tolist() == [39, 40, 41, 42]
    assert len(store.series("r", "never")) == 0 and store.series("r", "norm", ("a",)).steps[-1] == 40


def test_buckets_of_the_line_hold_nothing_that_was_abandoned(store):
    found = store.buckets("r", "loss", width=5)
    assert found.n.sum() == 60 and found.last[-1] == 59 and found.high.max() == 2.0
    assert store.buckets("r", "loss", attempt=0, width=5).n.sum() == 100
    assert len(store.buckets("r", "never")) == 0


def test_keys_come_in_the_order_of_their_first_points(store):
    with store._database.snapshot() as snapshot:
        assert series_keys(snapshot, "r") == ["loss", ("norm", "a")]
    store.append(Run("s", "s"), {"b": ([1], [1.0]), "a": ([1], [1.0])})
    assert list(store.signals("s")) == ["b", "a"] and np.isfinite(store.series("s", "a").values).all()
