"""Forecasts and confirmed plans are kept with the run."""

import math

import numpy as np

from barograph.db import Plan, Prediction, Run, Store


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


def test_a_confirmed_plan_comes_last(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a"), {"loss": (np.arange(5), np.ones(5))})
    store.plans.save("a", Plan(np.array([0, 100]), np.array([1e-3, 0.0]), origin="confirmed", made_at=4))
    (plan,) = store.plans("a")
    assert plan.origin == "confirmed" and plan.values.tolist() == [1e-3, 0.0]
