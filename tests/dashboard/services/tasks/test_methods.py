"""Runs that differ in the seed alone are one method."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.services.tasks import methods, record
from tests.dashboard import made_up_evaluations as made_up


def test_methods_are_runs_that_differ_in_the_seed_alone(evaluated):
    store, _ = evaluated(made_up.methods)
    groups = methods.grouped(store.runs())
    assert {name: len(runs) for name, runs in groups.items()} == {"replay": 3, "fine-tuning": 3}
    found = {run.id: record.results(record.record(store, run.id, "eval_accuracy"), discover()) for run in store.runs()}
    means, errors = methods.table(groups, found, discover())
    acc = [found[run.id]["acc"].value for run in groups["replay"]]
    assert means.loc["replay", "ACC"] == pytest.approx(np.mean(acc))
    assert errors.loc["replay", "ACC"] == pytest.approx(np.std(acc, ddof=1) / np.sqrt(3))
    assert means.loc["replay", "ACC"] > means.loc["fine-tuning", "ACC"] and means.loc["replay", "runs"] == 3
    assert "±" in methods.written(means, errors).set_index("method").loc["replay", "ACC"]


@pytest.mark.parametrize(("names", "expected"), [
    (["a seed 1", "a seed 2", "b"], {"a": 2, "b": 1}),
    (["er-s0", "er-s1", "ewc_0", "ewc_1"], {"er": 2, "ewc": 2}),
    (["42"], {"42": 1}),
])  # fmt: skip
def test_runs_without_a_configuration_go_by_their_names(names, expected):
    runs = [SimpleNamespace(id=name, name=name, config={}) for name in names]
    assert {name: len(members) for name, members in methods.grouped(runs).items()} == expected


def test_the_name_tells_runs_apart_that_their_configuration_does_not():
    names = ["40deg-s0", "40deg-s1", "80deg-s0", "brave-fox", "calm-owl"]
    runs = [SimpleNamespace(id=name, name=name, config={"method": "er", "seed": k}) for k, name in enumerate(names)]
    assert {name: len(members) for name, members in methods.grouped(runs).items()} == {
        "40deg": 2,
        "80deg-s0": 1,
        "calm-owl": 2,
    }
