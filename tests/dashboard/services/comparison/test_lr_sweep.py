"""How much the end of a run depends on the learning rate."""

import numpy as np
import pytest

from barograph.dashboard.services.comparison.lr_sweep import configured_rate, lr_sweep
from barograph.db import Run, Store
from barograph.errors import InvalidInput
from tests.dashboard.made_up_sweep import sweep


def test_runs_of_one_rate_count_as_their_mean(tmp_path):
    store = sweep(tmp_path / "runs.db", names=tuple("abcdefgh"))
    found = lr_sweep(store, store.runs(), "loss")
    assert found.rates.tolist() == [1e-4, 1e-3, 1e-2, 1e-1]
    assert found.sensitivity.best_rate == 1e-3 and 0.1 < found.sensitivity.value < 0.3
    assert found.table()["final"].argmin() == 1


def test_too_few_rates_or_no_start_is_a_sentence(tmp_path):
    store = sweep(tmp_path / "runs.db", names=("a", "b"))
    with pytest.raises(InvalidInput):
        lr_sweep(store, store.runs(), "loss")
    nan = Store(tmp_path / "nan.db")
    nan.append(Run("n", "none", config={"lr": 1.0}), {"loss": (np.arange(5), np.full(5, np.nan))})
    with pytest.raises(InvalidInput, match="none has no finite loss at its start"):
        lr_sweep(nan, nan.runs(), "loss")


def test_the_rate_of_a_configuration():
    assert configured_rate(Run("a", "a", config={"optim": {"max_lr": 3e-4}})) == 3e-4
    assert configured_rate(Run("a", "a", config={"lr": "auto"})) is None
