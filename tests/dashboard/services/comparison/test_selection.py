"""Which runs are compared: by name, by a condition, and with which reference."""

import pytest

from barograph.dashboard.services.comparison.selection import compare_named
from barograph.errors import InvalidInput, NoSuchRun
from tests.dashboard.made_up_sweep import sweep


def test_runs_by_name_or_by_a_condition(tmp_path):
    store = sweep(tmp_path / "runs.db")
    named = compare_named(store, ["b", "a", "b"])
    assert [one.run.name for one in named.results] == ["b", "a"] and named.reference == "run1"
    where = compare_named(store, [], "config_lr >= 1e-2", reference="a")
    assert [one.run.name for one in where.results] == ["a", "d", "c"] and where.reference == "run0"


def test_what_cannot_be_compared_is_named(tmp_path):
    store = sweep(tmp_path / "runs.db")
    with pytest.raises(NoSuchRun, match="nobody"):
        compare_named(store, ["a", "nobody"])
    with pytest.raises(InvalidInput, match="expected at least two"):
        compare_named(store, ["a"])
    with pytest.raises(InvalidInput, match="axis 'epochs'"):
        compare_named(store, ["a", "b"], axis="epochs")
    with pytest.raises(InvalidInput, match="target is nan"):
        compare_named(store, ["a", "b"], target=float("nan"))
