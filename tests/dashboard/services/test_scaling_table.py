"""Finished runs as rows for scaling laws: sizes, tokens, setups, and what a reader must beware of."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.services.scaling_table import (
    READ,
    STABLE,
    UNSIZED,
    ScalingRow,
    curves,
    ends,
    joint_law,
    losses,
    metrics,
    notes,
    scaling_row,
    table,
    told_apart,
)
from barograph.db import Run, Store
from tests.dashboard import made_up_scaling


@pytest.fixture
def store(tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    return Store(tmp_path / "runs.db")


def test_the_row_of_a_run(store):
    params, tokens, ends = made_up_scaling.table()
    found = scaling_row(store, store.run("ladder-3"))
    assert (found.id, found.note) == ("ladder-3", "")
    assert found.setup == "ladder · validation loss"
    assert found.columns["params"] == params[3] and found.columns["loss"] == pytest.approx(ends[3], rel=0.01)
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


def test_a_size_in_a_name_and_another_loss_are_found(store):
    points = {"eval/c4_ce": (np.arange(100), np.full(100, 3.0)), "acc": (np.arange(100), np.full(100, 0.5))}
    store.append(Run("a", "olmo-1.3B-5xC", state="finished"), points)
    (named,) = losses(store, [store.run("a")])
    found = scaling_row(store, store.run("a"), named)
    assert named == "eval/c4_ce" and found.columns["loss"] == 3.0 and found.columns["params"] == 1.3e9
    assert found.note == UNSIZED and np.isnan(found.columns["tokens"]) and found.setup == "no project · eval/c4_ce"
    store.append(Run("b", "190M-2x", state="finished", tokens_per_step=1e4), points)
    assert scaling_row(store, store.run("b"), named).note == READ
    assert np.isnan(scaling_row(store, store.run("a")).columns["loss"])


def rows_of(**keys):
    """Six rows of three sizes, twice each, with these values in their configurations."""
    sizes = [1e7, 1e7, 1e8, 1e8, 1e9, 1e9]
    columns = [{"params": n, "tokens": 20 * n * (1 + i % 2), "steps": 100.0, "loss": 2.0} for i, n in enumerate(sizes)]
    return [
        ScalingRow(str(i), str(i), "base", columns[i], config={key: values[i] for key, values in keys.items()})
        for i in range(6)
    ]


@pytest.mark.parametrize(
    ("values", "apart"),
    [
        ([256, 256, 512, 512, 1024, 1024], False),  # rises with the size
        ([3e-3, 3e-3, 1e-3, 1e-3, 3e-4, 3e-4], False),  # falls with it
        (["s", "s", "m", "m", "l", "l"], False),  # a name of each size
        ([0.1, 0.2, 0.1, 0.2, 0.1, 0.2], True),
        ([1, 1, 3, 3, 2, 2], True),  # neither rises nor falls
        (["a", "a", "b", "b", "a", "a"], True),
        ([True, True, False, False, False, False], True),
        ([1e3, 2e3, 1e4, 2e4, 1e5, 2e5], False),  # rises with the tokens
    ],
)
def test_every_key_that_differs_beyond_size_and_tokens_sets_runs_apart(values, apart):
    found, explained = told_apart(rows_of(key=values))
    assert (explained == []) == apart
    assert {row.setup for row in found} == ({f"base · key={value}" for value in values} if apart else {"base"})


def test_a_key_that_some_runs_lack_sets_them_apart_and_another_setup_is_another():
    rows = rows_of()
    rows[0].config["dropout"] = 0.1
    assert [row.setup for row in told_apart(rows)[0]] == ["base · dropout=0.1"] + ["base · dropout=–"] * 5


def test_seeds_names_and_outcomes_set_nothing_apart(store):
    for k in range(2):
        config = {"seed": k, "run_name": f"r{k}", "train_runtime": k, "weight_decay": 0.1, "dataset_path": "c4"}
        store.append(Run(f"s{k}", f"s{k}", config=config, state="finished"), {"loss": (np.arange(100), np.ones(100))})
    found, explained = told_apart([scaling_row(store, store.run(f"s{k}")) for k in range(2)])
    assert {row.setup for row in found} == {"no project · training loss · dataset_path=c4"} and not explained


def test_metrics_that_all_runs_have_and_where_they_ended(store):
    for k in range(2):
        points = {"arc_acc": (np.arange(100), np.full(100, 0.5 + k)), "grad_norm": (np.arange(100), np.ones(100))}
        points |= {"loss": (np.arange(100), np.ones(100))} if k else {"mmlu_acc": (np.arange(100), np.ones(100))}
        store.append(Run(f"m{k}", f"m{k}", state="finished"), points)
    runs = [store.run("m0"), store.run("m1")]
    assert metrics(store, runs) == ["arc_acc"] and metrics(store, []) == []
    assert ends(store, runs, ["arc_acc"])["arc_acc"] == pytest.approx([0.5, 1.5])
    assert np.isnan(ends(store, runs, ["nothing"])["nothing"]).all()
