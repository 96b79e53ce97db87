"""Modules by how they change with the task, and how domains agree."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.measures._support.tasks import Visit
from barograph.dashboard.services.tasks import modules
from barograph.db import Run, RunWriter, Store


def test_modules_are_ranked_by_what_a_boundary_does_to_them(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run(id="", name="m"))
    steps = np.arange(0, 1000, 10)
    after = (steps > 500) & (steps <= 600)
    columns = {("module_change", "body"): np.full(100, 1e-4), ("module_change", "norm"): np.where(after, 4e-4, 1e-4)}
    columns["module_drift", "norm"] = steps / 1000
    writer.columns(steps, tuple(columns), np.stack(list(columns.values()), axis=1))
    writer.close()
    store = Store(tmp_path / "runs.db")
    frame = modules.ranking(store, store.runs()[0].id, [Visit("a", 0, 500), Visit("b", 500, 990)])
    assert list(frame["module"]) == ["norm", "body"] and frame["across / within"].tolist() == pytest.approx([4, 1])
    assert frame["drift"][0] == pytest.approx((0.5 + 0.99) / 2) and np.isnan(frame["drift"][1])


def test_alignment_is_a_square_table():
    latest = {
        "loss": (5, 1.0),
        ("grad_alignment", "web", "code"): (4, -0.2),
        ("grad_alignment", "code", "math"): (4, 0.5),
    }
    frame = modules.alignment(latest)
    assert frame.loc["code", "web"] == frame.loc["web", "code"] == -0.2 and frame.loc["math", "math"] == 1.0
    assert modules.alignment({"loss": (5, 1.0)}) is None
