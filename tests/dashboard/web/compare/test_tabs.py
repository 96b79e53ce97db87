"""Below a comparison: sweep, coefficients and files."""

import numpy as np
import pytest

from barograph.db import Run, Store
from tests.dashboard.made_up_sweep import sweep
from tests.dashboard.web.seen import spoken

PAGE = "pages/05_Compare.py"


def test_a_table_a_verdict_and_the_sweep(app, tmp_path):
    sweep(tmp_path / "runs.db")
    test = app(where="config_lr >= 1e-4", reference="run1")
    table = test.dataframe[0].value
    assert table["run"][0] == "b"
    assert table.set_index("run")["verdict"].to_dict() == {"b": "reference", "a": "worse", "c": "worse", "d": "worse"}
    assert next(m for m in test.metric if m.label == "LR sensitivity").value.startswith("0.2")
    assert "Seed noise is unknown" in spoken(test) and "No losses by domain: record them" in spoken(test)


def test_fitted_coefficients_tell_the_faster_run(app, tmp_path):
    store, steps = Store(tmp_path / "runs.db"), np.arange(1, 3001)
    for name, b in (("slow", 300.0), ("fast", 100.0)):
        loss = 2 + (b / steps) ** 0.5 + np.random.default_rng(0).normal(0, 0.01, len(steps))
        points = {"loss": (steps, loss), ("lr", "0"): (steps, np.full(len(steps), 1e-3))}
        store.append(Run(name, name, state="finished", steps_planned=3000), points)
    test = app(runs="slow,fast")
    next(t for t in test.toggle if t.key == "fitted").set_value(True).run()
    assert not test.exception
    table = next(d.value for d in test.dataframe if "B, steps" in d.value).set_index("run")
    assert table["B, steps"]["slow"] == pytest.approx(300, rel=0.25)
    low, high = (float(end.replace(",", "")) for end in table["B, 90 %"]["fast"].split(" to "))
    assert low < table["B, steps"]["fast"] < high < table["B, steps"]["slow"]
    assert table["B, steps"]["slow"] / table["B, steps"]["fast"] == pytest.approx(3, rel=0.25)
