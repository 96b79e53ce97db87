"""Finished runs as rows for scaling laws: sizes, tokens, setups, and what a reader must beware of."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.services.scaling_table import (
    STABLE,
    UNSIZED,
    ScalingRow,
    curves,
    joint_law,
    notes,
    scaling_row,
    table,
)
from barograph.db import Run, Store
from tests.dashboard import made_up_scaling


@pytest.fixture
def store(tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    return Store(tmp_path / "runs.db")


def test_the_row_of_a_run(store):
    params, tokens, losses = made_up_scaling.table()
    found = scaling_row(store, store.run("ladder-3"))
    assert (found.id, found.note) == ("ladder-3", "")
    assert found.setup == "ladder · validation loss"
    assert found.columns["params"] == params[3] and found.columns["loss"] == pytest.approx(losses[3])
    assert found.columns["tokens"] == pytest.approx(tokens[3], rel=1e-6) and found.columns["steps"] == 2000
    assert found.columns["batch"] == pytest.approx(tokens[3] / 2000, rel=1e-6)


def test_what_sets_a_setup_apart_and_what_is_a_column(store):
    config = {"data": {"dataset": "pile"}, "model": {"d_model": 512, "n_layer": 3}, "unique_tokens": 1e6, "lr": 1e-3}
    run = Run("a", "a", state="finished", config=config, provenance={"optimizers": [{"name": "AdamW"}]})
    store.append(run, {"loss": (np.arange(100), np.full(100, 2.0))})
    found = scaling_row(store, store.run("a"))
    assert found.setup == "no project · training loss · AdamW · data.dataset=pile"
    assert found.columns["width"] == 512 and found.columns["unique_tokens"] == 1e6
    assert np.isnan(found.columns["params"]) and np.isnan(found.columns["tokens"]) and found.note == UNSIZED


def test_a_run_that_was_not_annealed_is_noted(tmp_path):
    made_up_scaling.ladder(tmp_path / "stable.db", end=0.8)
    store = Store(tmp_path / "stable.db")
    assert scaling_row(store, store.run("ladder-0")).note == STABLE


def test_a_note_names_its_runs_once():
    rows = [ScalingRow(str(i), f"run {i}", "s", {}, "Beware." if i < 6 else "") for i in range(8)]
    assert notes(rows) == ["run 0, run 1, run 2, run 3 and 2 more: Beware."]


def test_a_table_has_every_column_of_any_run():
    found = table([ScalingRow("a", "a", "s", {"loss": 2.0, "params": 1e6}), ScalingRow("b", "b", "t", {"loss": 3.0})])
    assert found.columns["loss"].tolist() == [2.0, 3.0] and np.isnan(found.columns["params"][1])
    assert (found.names, found.groups) == (("a", "b"), ("s", "t"))
    assert len(table([])) == 0


def test_the_joint_law_takes_the_curves_whose_learning_rate_is_known(store):
    store.append(Run("no-lr", "no-lr", state="finished"), {"val_loss": (np.arange(100, 2000, 100), np.ones(19))})
    ids = [run.id for run in store.runs()]
    assert len(curves(store, ids)) == len(ids) - 1
    law, largest = joint_law(store, ids)
    assert {"E", "alpha"} <= set(law.values) and largest.setup.params == max(made_up_scaling.SIZES)
