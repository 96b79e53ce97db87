"""Series as a pandas table."""

import numpy as np
import pytest

from barograph.db import Run, Store
from barograph.errors import NotRecorded


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    steps = np.arange(100)
    points = {"loss": (steps, np.where(steps == 7, np.nan, steps)), ("norm", "a"): (steps[:9], steps[:9] * 2.0)}
    opened.append(Run("r", "r"), points | {"tokens": (steps, steps * 10)})
    yield opened
    opened.close()


def test_every_point_is_a_row(store):
    table = store.frame("r", "loss", "norm")
    assert list(table.columns) == ["step", "signal", "part", "value"] and len(table) == 109
    assert np.isnan(table.value[7]) and set(table[table.signal == "norm"].part) == {"a"}
    assert set(store.frame("r").signal) == {"loss", "norm", "tokens"}


def test_another_axis_and_buckets(store):
    table = store.frame("r", "loss", axis="tokens")
    assert list(table.columns)[:2] == ["step", "tokens"] and table.tokens.tolist() == [step * 10 for step in range(100)]
    coarse = store.frame("r", "loss", width=10)
    assert {"low", "high"} <= set(coarse.columns) and 10 <= len(coarse) <= 20 and coarse.high.max() == 99


def test_what_is_not_there(store):
    store.append(Run("empty", "empty"), {})
    assert list(store.frame("empty").columns) == ["step", "signal", "part", "value"] and store.frame("empty").empty
    with pytest.raises(NotRecorded, match="run r did not record 'lss'; it has loss, norm, tokens"):
        store.frame("r", "lss")
