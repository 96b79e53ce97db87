"""The filter: right answers, a place for every mistake, and no harm whatever is typed."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.services.run_filter import matching
from barograph.dashboard.services.run_table import row
from barograph.db import Run, Store

ROWS = [
    {"id": "a", "name": "it's", "final_loss": 2.5, "config_lr": 1e-3, "config_opt": "adam"},
    {"id": "b", "name": '"; drop', "final_loss": 3.5, "config_lr": 1e-2, 'config_"x': 1},
    {"id": "c", "name": "ünïcode 🔥", "final_loss": float("nan"), "config_lr": 1e-2, "config_big": 10**30},
]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", "abc"),
        ("final_loss < 3", "a"),
        ("final_loss < 9 and config_lr >= 1e-2", "b"),
        ("final_loss is null", "c"),
        ("config_opt = 'adam' or name like '%drop%'", "ab"),
        ("lower(name) glob '*code*' -- a comment", "c"),
        ('"config_""x" = 1', "b"),
        ("config_big > 1e29", "c"),
        ("1", "abc"),
        ("0", ""),
    ],
)
def test_what_holds(where, found):
    assert matching(ROWS, where) == list(found)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("final_los < 3", "at character 1, 'final_los'; there is final_loss"),
        ("final_loss < 3 and and 1", "at character 20, 'and'|at character 16, 'and'"),
        ("final_loss <", "mistake"),
        ("(final_loss < 3", "ends too early|mistake"),
        ("frobnicate(name) > 1", "unknown function at character 1"),
        ("final_loss ? 3", "mistake|mistake at"),
        ("1); DROP TABLE runs; --", "mistake"),
        ("exists (select 1 from sqlite_master)", "may only compare"),
        ("randomblob(100000000) is not null", "may only compare|unknown function"),
        ("load_extension('x')", "may only compare|unknown function"),
        ("id in (with recursive n(i) as (select 1 union all select i + 1 from n) select i from n)", "may only|longer"),
        ("1 = (select count(*) from pragma_table_list)", "may only compare|no such|mistake"),
        ("x" * 20_000, "20,000 characters"),
        ("a\0b", "characters"),
    ],
)
def test_mistakes_are_named(where, said):
    with pytest.raises(ValueError, match=said):
        matching(ROWS, where)


def test_what_takes_too_long_is_ended():
    rows = [{"id": i, "n": i} for i in range(3000)]
    began = time.monotonic()
    with pytest.raises(ValueError, match="took longer"):
        matching(rows, "(select count(*) from runs a, runs b, runs c) > 0", seconds=0.2)
    assert time.monotonic() - began < 5


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_an_answer_or_a_sentence(text):
    try:
        assert set(matching(ROWS, text)) <= {"a", "b", "c"}
    except ValueError as error:
        assert "filter" in str(error)


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
    assert found["final_val_loss"] == pytest.approx(np.linspace(4, 3, 10)[-3:].mean())
    assert (found["hours"], found["tokens"], found["flops"]) == (1.0, 10_000, 60_000)
    assert found["config_model_n_layers"] == 4 and found["severity"] is None
    assert matching([found], "final_loss < 3 and config_lr >= 1e-3 and hours = 1 and state = 'finished'") == ["r"]


def test_the_row_of_a_run_that_only_has_nan(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("r", "", state="diverged"), {"loss": (np.arange(5), np.full(5, np.nan))})
    found = row(store, store.run("r"))
    assert found["final_loss"] is None and found["best_loss"] is None
