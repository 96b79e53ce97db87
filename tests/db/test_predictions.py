"""Forecasts are kept as they were made."""

import math

import numpy as np

from barograph.db import Prediction, Run, Store


def test_a_prediction_is_kept_as_it_was_made_and_replaced_by_the_same_one(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a"), {"loss": (np.arange(5), np.ones(5))})
    refused = Prediction(3, 100, "loss", *[math.nan] * 5, verdict="too few points")
    made = Prediction(4, 100, "loss", 2.0, 1.9, 2.1, 1.8, 2.2, "mtl", "from this run", "", time=1.0)
    store.predictions.save("a", refused)
    store.predictions.save("a", Prediction(4, 100, "loss", 3.0, 1.9, 2.1, 1.8, 2.2))
    store.predictions.save("a", made)
    first, second = store.predictions("a")
    assert second == made
    assert math.isnan(first.mid) and first.verdict == "too few points"
    store.delete("a")
    assert store.predictions("a") == []
