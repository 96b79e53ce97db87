"""The view `runs`: a row a run, and the runs for which a condition on it holds."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.services.run_filter import matching
from barograph.dashboard.services.run_table import filtered, final_value, row
from barograph.db import Run, Store
from barograph.errors import InvalidInput


def test_the_row_of_a_run(tmp_path):
    store = Store(tmp_path / "runs.db")
    steps = np.arange(1, 1001)
    loss = np.where(steps > 990, 2.0, 5.0)
    points = {"loss": (steps, loss), "val_loss": (steps[::100], np.linspace(4, 3, 10)), "tokens": (steps, 10.0 * steps)}
    config = {"lr": 1e-3, "model": {"n-layers": 4}}
    run = Run("r", "one", state="finished", started=100.0, ended=3700.0, config=config, flops_per_token=6.0)
    store.append(run, points)
    found = row(store, store.run("r"))
    assert (
        found["final_loss"] == 2.0 and found["best_val_loss"] == 3.0 and found["best_loss"] == pytest.approx(2, abs=0.5)
    )
    assert found["final_val_loss"] == pytest.approx(3.0), "the end of its trend"
    assert (found["hours"], found["tokens"], found["flops"]) == (1.0, 10_000, 60_000)
    assert found["config_model_n_layers"] == 4 and found["severity"] is None
    assert matching([found], "final_loss < 3 and config_lr >= 1e-3 and hours = 1 and state = 'finished'") == ["r"]


def test_the_row_of_a_run_that_only_has_nan(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("r", "", state="diverged"), {"loss": (np.arange(5), np.full(5, np.nan))})
    found = row(store, store.run("r"))
    assert found["final_loss"] is None and found["best_loss"] is None
    assert final_value(store, store.run("r"), "loss") is None


def test_runs_are_filtered_newest_first_and_a_mistake_is_named(tmp_path):
    store = Store(tmp_path / "runs.db")
    for name, end in (("a", 2.0), ("b", 3.0), ("c", 2.5)):
        store.append(Run(name, name, started=float(ord(name))), {"loss": (np.arange(100), np.full(100, end))})
    assert [run.id for run in filtered(store, "final_loss < 2.8")] == ["c", "a"]
    with pytest.raises(InvalidInput, match="final_los"):
        filtered(store, "final_los < 3")
