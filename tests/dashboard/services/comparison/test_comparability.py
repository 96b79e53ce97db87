"""Which runs are ranked against each other, and why others are not."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.services.comparison.comparability import Unranked, obstacle
from barograph.db import Run, Store

STEPS = np.arange(1, 201)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs.db")


def a_run(store, name, points=None, **config):
    store.append(Run(name, name, config=config), points or {"loss": (STEPS, 2 + STEPS**-0.5)})
    return store.run(name)


def test_runs_that_differ_in_what_is_compared_are_ranked(store):
    one, two = (a_run(store, name, dataset="web", lr=lr) for name, lr in (("a", 1e-3), ("b", 3e-3)))
    assert obstacle(store, one, two, "loss", (0.0, 0.1)) is None
    assert obstacle(store, one, a_run(store, "silent"), "loss", (None, 0.1)) is None


@pytest.mark.parametrize(("fractions", "found"), [((1.0, 0.0), Unranked.UNDECAYED), ((0.28, 0.0), Unranked.UNDECAYED),
                                                  ((1.0, 1.0), None), ((0.1, 0.0), None)])  # fmt: skip
def test_a_run_that_has_not_decayed_is_not_ranked_against_one_that_has(store, fractions, found):
    one, two = (a_run(store, name) for name in "ab")
    assert obstacle(store, one, two, "val_loss", fractions) is found


@pytest.mark.parametrize(
    ("one", "two", "signal", "found"),
    [
        ({"dataset_path": "web"}, {"dataset_path": "code"}, "loss", Unranked.DATA),
        ({"dataset_path": "web"}, {"dataset_path": "code"}, "val_loss", Unranked.DATA),
        ({"data_mix": "a", "eval_dataset": "c4"}, {"data_mix": "b", "eval_dataset": "c4"}, "val_loss", None),
        ({"data_mix": "a", "eval_dataset": "c4"}, {"data_mix": "b", "eval_dataset": "c4"}, "loss", Unranked.DATA),
        ({"dataset": "web", "val_bin": "a"}, {"dataset": "web", "val_bin": "b"}, "val_loss", Unranked.DATA),
        ({"dataset": "web"}, {"dataset": "code"}, "eval/c4_ce", None),
    ],
)
def test_losses_of_other_data_are_not_ranked(store, one, two, signal, found):
    runs = a_run(store, "a", **one), a_run(store, "b", **two)
    assert obstacle(store, *runs, signal, (0.0, 0.0)) is found


def test_a_reweighted_loss_is_not_ranked_against_a_plain_one(store):
    plain = 2 + STEPS**-0.5
    heavy = a_run(store, "weighted", {"loss": (STEPS, plain - 0.2), "loss_unweighted": (STEPS, plain + 0.05)})
    same = a_run(store, "plain too", {"loss": (STEPS, plain), "loss_unweighted": (STEPS, plain)})
    bare = a_run(store, "plain")
    assert obstacle(store, heavy, bare, "loss", (None, None)) is Unranked.REWEIGHTED
    assert obstacle(store, same, bare, "loss", (None, None)) is None
    assert obstacle(store, heavy, same, "loss_unweighted", (None, None)) is None


@pytest.mark.parametrize("reason", Unranked)
def test_each_reason_says_what_to_do(reason):
    assert reason.value and reason.sentence.endswith(".")
