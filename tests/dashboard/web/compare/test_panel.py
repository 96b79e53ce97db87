"""The Compare page: with every store, with many runs, with filters that are wrong."""

import numpy as np
import pytest

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services import frames
from barograph.dashboard.services.comparison.compare import compare
from barograph.dashboard.services.comparison.panels import Options, panels
from barograph.db import Store
from tests.dashboard.made_up_sweep import sweep
from tests.dashboard.web.seen import spoken

PAGE = "pages/05_Compare.py"


@pytest.mark.parametrize(
    "where", ["config_lrr > 1", "1) union select 1", "'; drop table runs; --", "<script>alert(1)</script>"]
)
def test_a_filter_with_a_mistake_is_a_sentence(app, tmp_path, where):
    sweep(tmp_path / "runs.db")
    test = app(where=where)
    assert not test.exception and "filter" in spoken(test)
    assert len(Store(tmp_path / "runs.db").runs()) == 4


def test_axes_that_were_not_recorded_are_said_to_be_missing(app, tmp_path):
    sweep(tmp_path / "runs.db")
    for axis in ("tokens", "flops", "time", "epoch"):
        test = app(x=axis)
        assert not test.exception
        assert axis == "tokens" or "No chart" in spoken(test)


def test_groups_have_a_mean_and_a_spread(app, tmp_path):
    sweep(tmp_path / "runs.db", names=tuple("abcdefgh"))
    test = app(where="1", group="lr")
    assert not test.exception
    store = Store(tmp_path / "runs.db")
    found = compare(store, store.runs())
    shown = Options(frames.View(""), "lr")
    _, data = panels(store, lambda view, name: frames.line(store, view, name), found, shown, Look())
    curves = data["curves"]
    assert set(curves["part"]) == {f"{10.0**k} (2 runs)" for k in range(-4, 0)}
    one = curves[curves["part"] == "0.01 (2 runs)"]
    slow = np.mean([store.series(run, "loss").values[-3:].mean() for run in ("run2", "run6")])
    assert one["mean"].iloc[-1] == pytest.approx(slow, abs=0.01)
    assert (one["high"] - one["low"]).between(0, 0.1).all()
