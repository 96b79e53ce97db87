"""The charts of the Run page, and sentences for what cannot be drawn."""

import pytest
from streamlit.testing.v1 import AppTest

from barograph.db import Run, Store
from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken
from tests.db.series.damage import flip

RUN = "pages/02_Run.py"


def charts(test: AppTest) -> list:
    return [e for e in test.main if e.type == "vega_lite_chart"] or list(test.get("vega_lite_chart"))


@pytest.mark.parametrize(("situation", "sentence"), [
    (made_up.no_lr, "Learning rate was not recorded (pass the optimizer to watch)"),
    (made_up.no_validation, "Gradient norm was not recorded"),
    (made_up.no_validation, "Throughput was not recorded"),
    (made_up.nothing_recorded, "has not recorded anything yet"),
])  # fmt: skip
def test_what_is_missing_is_said(situation, sentence, app, tmp_path):
    situation(tmp_path / "runs.db")
    assert sentence in spoken(app(RUN))


def test_abandoned_attempts_can_be_asked_for(app, tmp_path):
    made_up.rolled_back(tmp_path / "runs.db")
    test = app(RUN)
    assert "abandoned" in [t.label for t in test.toggle]
    assert not next(t for t in test.toggle if t.label == "abandoned").set_value(True).run().exception


def test_every_signal_can_be_reached(app, tmp_path):
    run = made_up.finished(tmp_path / "runs.db")
    test = app(RUN)
    maps = next(one for one in test.selectbox if one.label == "Heat map")
    assert {"Step time", "Tokens", "Gradient norm by tensor"} <= {*test.multiselect[0].options, *maps.options}
    assert len(Store(tmp_path / "runs.db").signals(run)) > 5
    assert not test.multiselect[0].set_value(["step_time", "grad_norm_tensor"]).run().exception
    assert test.query_params["signals"] == ["step_time", "grad_norm_tensor"], "the address holds ids"


def test_signals_that_are_sampled_say_so(app, tmp_path):
    made_up.finished(tmp_path / "runs.db")
    (chart,) = charts(app(RUN))
    assert "every 10 steps: a spike of one step can fall between two samples" in chart.proto.spec


def test_damaged_points_are_named_below_the_charts(app, tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("r", "r", state="finished"), {"loss": (range(5000), range(5000))})
    flip(store, 1, 0, 0)
    store.close()
    test = app(RUN)
    said = spoken(test)
    assert said.count("Of loss, 4,096 points in steps 0 to 4,095 are damaged in the store") == 1 and not test.exception
