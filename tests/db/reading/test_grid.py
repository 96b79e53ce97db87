"""All parts of a signal on common bins."""

import numpy as np
import pytest

from barograph.db import Run, Store


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    steps = np.arange(1000)
    points = {("norm", "a"): (steps, steps), ("norm", "b"): (steps[500:], -steps[500:]), "loss": (steps, steps)}
    opened.append(Run("r", "r"), points)
    yield opened
    opened.close()


def test_extremes_lie_in_their_bins_and_gaps_are_nan(store):
    parts, edges, low, high, mean = store.grid("r", "norm", width=10)
    assert parts == [("a",), ("b",)] and low.shape == (2, len(edges) - 1)
    assert edges[0] == 0 and edges[-1] > 999 and (np.diff(edges) > 0).all()
    assert np.nanmax(high[0]) == 999 and np.nanmin(low[1]) == -999
    early = edges[1:] <= 500
    assert np.isnan(mean[1, early]).all() and not np.isnan(mean[0]).any()


def test_the_first_parts_only_and_a_range(store):
    assert store.grid("r", "norm", most=1).parts == [("a",)]
    ranged = store.grid("r", "norm", lo=600, hi=700, width=5)
    assert ranged.edges[0] <= 600 and ranged.edges[-1] >= 700 and len(ranged.parts) == 2


def test_a_signal_without_parts_or_points(store):
    assert store.grid("r", "loss").parts == [()]
    nothing = store.grid("r", "never")
    assert nothing.parts == [] and nothing.mean.shape == (0, 0)
