"""The head of the Run page and its controls."""

import pytest
from streamlit.testing.v1 import AppTest

from barograph.db import Run, Store
from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken

RUN = "pages/02_Run.py"


def charts(test: AppTest) -> list:
    return [e for e in test.main if e.type == "vega_lite_chart"] or list(test.get("vega_lite_chart"))


@pytest.mark.parametrize(
    "address", [{"x": "tokens"}, {"x": "time", "logy": "true"}, {"x": "flops", "logx": "true"}], ids=str
)
@pytest.mark.parametrize(
    "situation", [made_up.finished, made_up.diverged, made_up.rolled_back, made_up.hostile], ids=lambda f: f.__name__
)
def test_axes_of_the_address(situation, address, app, tmp_path):
    situation(tmp_path / "runs.db")
    test = app(RUN, **address, smooth="off", **{"from": "20", "to": "150"})
    assert not test.exception and "Steps 20 to 150" in spoken(test)


def test_a_running_run(app, tmp_path):
    writer = made_up.running(tmp_path / "runs.db")
    assert not app().exception
    test = app(RUN)
    assert not test.exception and charts(test)
    assert {m.label: m.value for m in test.metric}["Step"] == "999 / 3,000"
    assert "Time left" in [m.label for m in test.metric]
    assert [b.label for b in test.button if "Stop" in b.label]
    writer.close()
    test = app(RUN)
    assert "Time left" not in [m.label for m in test.metric] and not [b for b in test.button if "Stop" in b.label]


def test_a_crowd_of_names_is_one_sentence(app, tmp_path):
    store = Store(tmp_path / "runs.db")
    points = {f"loss_step_{step}": ([step], [1.0]) for step in range(1001)} | {"loss": (range(1001), range(1001))}
    store.append(Run("r", "r", state="finished"), points | {"acc_1": ([1], [0.5])})
    store.close()
    test = app(RUN)
    assert not test.exception and "1,001 signals are called like 'loss_step_*'" in spoken(test)
    assert test.multiselect[0].options == ["Acc 1"]
