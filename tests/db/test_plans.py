"""A plan that the user has confirmed is kept with the run."""

import numpy as np

from barograph.db import Plan, Run, Store


def test_a_confirmed_plan_comes_last(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a"), {"loss": (np.arange(5), np.ones(5))})
    store.plans.save("a", Plan(np.array([0, 100]), np.array([1e-3, 0.0]), origin="confirmed", made_at=4))
    (plan,) = store.plans("a")
    assert plan.origin == "confirmed" and plan.values.tolist() == [1e-3, 0.0]
