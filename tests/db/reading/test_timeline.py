"""Events, evaluations and plans, stored and not."""

import math

import numpy as np
import pytest

from barograph.db import Evaluation, Event, Plan, Run, RunWriter, Store


@pytest.mark.parametrize("folded", [False, True])
def test_what_happened_is_in_order_of_step(tmp_path, folded):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.event(Event(9, "note", "late", data={"a": [1]}))
    writer.event(Event(3, "checkpoint", "early"))
    writer.evaluation(Evaluation(4, "math", "accuracy", 0.5, n=10))
    writer.evaluation(Evaluation(4, "math", "accuracy", math.nan, n=20))
    writer.evaluation(Evaluation(2, "code", "accuracy", 0.25))
    writer.plan(Plan(np.array([0, 10]), np.array([1e-3, 0.0]), "0", "scheduler", 1))
    writer.plan(Plan(np.array([0]), np.array([1e-4]), "1", "confirmed", 2))
    if folded:
        writer.close()
    store = Store(tmp_path / "runs.db")
    assert [(e.step, e.text, e.data) for e in store.events("r")] == [(3, "early", {}), (9, "late", {"a": [1]})]
    first, second = store.evaluations("r")
    assert (first.task, first.value) == ("code", 0.25)
    assert math.isnan(second.value) and second.n == 20, "the same evaluation again replaces itself"
    assert [(p.origin, p.steps.tolist(), p.values.tolist()) for p in store.plans("r")] == [
        ("scheduler", [0, 10], [1e-3, 0.0]), ("confirmed", [0], [1e-4]),
    ]  # fmt: skip
    writer.close()
    store.close()
