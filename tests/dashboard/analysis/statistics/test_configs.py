"""In what the configurations of runs differ."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.statistics.config_keys import KeyRole
from barograph.dashboard.analysis.statistics.configs import ABSENT, about, but_for_seed, contradict, differing, flat


def test_seeds_are_told_apart_from_all_else():
    a, b = {"lr": 1, "seed": 1, "model": {"width": 8}}, {"lr": 1, "seed": 2, "model": {"width": 8}}
    assert but_for_seed(a) == but_for_seed(b) != but_for_seed({**a, "lr": 2})
    assert differing([a, b]) == {"seed": [1, 2]}
    assert differing([{"a": float("nan")}, {"a": float("nan")}]) == {}


def test_nested_keys_are_joined_by_dots_and_lists_are_values():
    nested = {"lr": 1, "model": {"width": 64, "heads": [1, 2], "norm": {"eps": 1e-6}}, "empty": {}}
    assert flat(nested) == {"lr": 1, "model.width": 64, "model.heads": [1, 2], "model.norm.eps": 1e-6, "empty": {}}


def test_keys_that_a_run_lacks_differ_and_types_count():
    assert differing([{"lr": 1, "n": 2}, {"lr": 3, "n": 2, "warmup": 5}]) == {"lr": [1, 3], "warmup": [ABSENT, 5]}
    assert differing([{"n": 1}, {"n": 1.0}, {"n": 1}]) == {"n": [1, 1.0, 1]}
    assert differing([]) == {} == differing([{"a": 1}])


@pytest.mark.parametrize("key", ["seed", "Random_Seed", "data_seed"])
def test_a_seed_is_one_however_it_is_nested(key):
    assert but_for_seed({"train": {key: 1}, "lr": 1}) == but_for_seed({"train": {key: 2}, "lr": 1}) == (("lr", "1"),)


def test_what_a_trainer_adds_at_the_end_tells_no_two_runs_apart():
    one, two = (
        {"lr": 1e-4, "seed": k, "output_dir": f"out/{k}", "train_runtime": 10.0 + k, "total_flos": 1e15 + k}
        for k in range(2)
    )
    assert but_for_seed(one) == but_for_seed(two) == (("lr", "0.0001"),)
    assert list(differing([one, two])) == ["seed", "output_dir"]


def test_configurations_contradict_each_other_where_both_speak():
    data = KeyRole.DATA
    assert about({"data": {"path": "a", "workers": 2}, "lr": 1}, data) == {"data.path": "'a'"}
    assert contradict([{"dataset": "a"}, {"lr": 1}, {"dataset": "a"}], data) == []
    assert contradict([{"dataset": "a"}, {"lr": 1}, {"dataset": "b"}], data) == ["dataset"]
    assert contradict([{"dataset": "a"}, {"data_path": "a"}], data) == []
    assert contradict([{"dataset": "a"}, {"data_path": "b"}], data) == ["dataset", "data_path"]
