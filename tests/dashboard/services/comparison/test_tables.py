"""A comparison as tables: the best first, and in what the configurations differ."""

import numpy as np
import pandas as pd

from barograph.dashboard.services.comparison.compare import compare
from barograph.dashboard.services.comparison.tables import differences, for_spreadsheets, table
from barograph.db import Run
from tests.dashboard.made_up_sweep import sweep


def test_a_row_a_run_the_best_first(tmp_path):
    store = sweep(tmp_path / "runs.db")
    store.append(Run("nan", "nan"), {"loss": (np.arange(1, 400), np.full(399, np.nan))})
    few = {"loss": (np.array([1, 2, 3]), np.array([5.0, 1.0, 0.5])), "tokens": (np.arange(1, 4), np.arange(1, 4))}
    store.append(Run("few", "few"), few)
    found = table(compare(store, store.runs(), reference="run0", axis="tokens"))
    assert found["run"].iloc[0] == "b" and found["run"].tolist()[-2:] == ["few", "nan"]
    assert found["final"][:4].is_monotonic_increasing and np.isnan(found["±"].iloc[-2])
    verdicts = found.set_index("run")["verdict"].to_dict()
    assert verdicts["a"] == "reference" and verdicts["b"] == "better"
    assert verdicts["few"] == "too few points to tell" and found["speed-up"].iloc[-2] == "–"
    assert verdicts["nan"] == "recorded no finite value of this signal"
    assert any(name.startswith("tokens to 2.") for name in found) and "final / peak LR" not in found, "no run has one"


def test_in_what_the_configurations_differ(tmp_path):
    store = sweep(tmp_path / "runs.db")
    store.append(Run("x", "a", config={"lr": 1e-4, "model": {"w": 9}}), {"loss": ([1, 2], [3.0, 2.0])})
    found = compare(store, [store.run(name) for name in ("run0", "run1", "x")])
    rows = differences(found).set_index("key")
    assert list(rows.columns) == ["a", "b", "a (2)"]
    assert rows.loc["lr"].tolist() == ["0.0001", "0.001", "0.0001"] and rows.loc["model.w"].tolist() == ["8", "8", "9"]
    assert differences(found, "MODEL 9")["key"].tolist() == ["model.w"] and differences(found, "nothing").empty


def test_no_cell_is_run_by_a_spreadsheet():
    frame = pd.DataFrame({"run": ["=1+1", "a", "-0.5"], "=x": [-1.5, 2.0, 3.0]})
    safe = for_spreadsheets(frame)
    assert safe["run"].tolist() == ["'=1+1", "a", "-0.5"] and safe["'=x"].tolist() == [-1.5, 2.0, 3.0]
    assert frame["run"][0] == "=1+1"
