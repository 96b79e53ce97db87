"""Curves of several runs on one axis: names, differences with a band, groups, and the close-up."""

import numpy as np
import pandas as pd
import pytest

from barograph.dashboard.services.comparison import run_curves
from barograph.dashboard.services.frames import View
from barograph.db import Run, Store
from tests.dashboard.made_up_sweep import STEPS, sweep


def test_runs_of_one_name_are_numbered():
    runs = [Run("1", "a"), Run("2", "a"), Run("3", "b"), Run("4", "a")]
    assert run_curves.names(runs) == {"1": "a", "2": "a (2)", "3": "b", "4": "a (3)"}
    assert run_curves.groups([Run("1", "a", config={"m": {"w": 8}}), Run("2", "b")], "m.w") == {"1": "8", "2": "–"}


def test_the_difference_to_the_reference_has_a_band_that_holds_it(tmp_path):
    store, steps = Store(tmp_path / "runs.db"), np.arange(1, 5001)
    for k, name in enumerate(("a", "b")):
        values = 3 - 0.5 * k + np.random.default_rng(k).normal(0, 0.1, len(steps))
        store.append(Run(name, name), {"loss": (steps, values)})
    found = run_curves.gaps(store, View(""), {"a": "a", "b": "b"}, "a", "loss")[""]
    assert set(found["part"]) == {"b"} and len(found) == run_curves.BINS
    assert found["mean"].mean() == pytest.approx(-0.5, abs=0.01)
    assert ((found["low"] < -0.5) & (-0.5 < found["high"])).mean() > 0.8


def test_runs_that_share_no_stretch_have_no_difference(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a"), {"loss": (np.arange(10), np.ones(10))})
    store.append(Run("b", "b"), {"loss": (np.arange(20, 30), np.ones(10))})
    assert run_curves.gaps(store, View(""), {"a": "a", "b": "b"}, "a", "loss")[""].empty


def test_a_group_counts_where_all_its_runs_have_points(tmp_path):
    store = sweep(tmp_path / "runs.db", names=("a", "b"))
    store.append(Run("short", "short"), {"loss": (STEPS[:200], np.full(200, 9.0))})
    kinds = {"run0": "one", "short": "one", "run1": "two"}
    found = run_curves.spread(store, View(""), kinds, "loss")[""]
    assert set(found["part"]) == {"one (2 runs)", "two (1 run)"}
    one, two = (found[found["part"] == name] for name in ("one (2 runs)", "two (1 run)"))
    assert one["x"].max() <= 200 and two["x"].max() > 390
    assert (two["low"] == two["high"]).all() and (one["low"] < one["high"]).all()


def curve(values, part="a", every=1.0):
    x = np.arange(len(values)) * every
    return pd.DataFrame({"x": x, "step": x, "smooth": values, "high": values, "low": values, "part": part})


def test_the_close_up_marks_what_it_leaves_out_at_the_edge_with_its_value():
    found = curve(np.where(np.arange(1000) < 20, 100.0, 2 + np.arange(1000) / 1000))
    found.loc[[500, 700], "high"], found.loc[600, "low"] = [50.0, 60.0], -7.0
    (low, top), words, marks = run_curves.close_up(found)
    assert 1.8 < low < 2.05 and 3.0 < top < 3.3 and "marked at the edge" in words
    rows = marks[["x", "value", "edge", "label"]].sort_values("x").to_numpy().tolist()
    assert rows == [[0, 100, "top", "100"], [500, 50, "top", "50"], [600, -7, "bottom", "-7"], [700, 60, "top", "60"]]
    flat = curve(np.ones(1000))
    assert [run_curves.close_up(one)[:2] for one in (flat, flat[:0])] == [(None, "")] * 2


def test_the_close_up_shows_a_short_run_beside_a_long_one():
    long, short = curve(np.full(1000, 2.0) + np.arange(1000) / 1000, "long"), curve(np.linspace(9, 7, 40), "short")
    long.loc[:10, ["smooth", "high"]] = 500.0
    (low, top), _, marks = run_curves.close_up(pd.concat([long, short], ignore_index=True))
    assert low < 2 and top > 8.9 and set(marks["part"]) == {"long"}
