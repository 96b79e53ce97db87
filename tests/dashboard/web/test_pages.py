"""Both pages on every made-up store: no exception, no empty panel without a sentence, and actions that act."""

import pytest
from streamlit.testing.v1 import AppTest

from barograph.db import Store
from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken

RUN = "pages/02_Run.py"


def charts(test: AppTest) -> list:
    return [e for e in test.main if e.type == "vega_lite_chart"] or list(test.get("vega_lite_chart"))


@pytest.mark.parametrize("situation", made_up.SITUATIONS, ids=lambda f: f.__name__)
def test_both_pages_survive(situation, app, tmp_path):
    situation(tmp_path / "runs.db")
    assert not app().exception
    test = app(RUN)
    assert not test.exception
    assert charts(test) or spoken(test)


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


def test_no_store_says_how_to_begin(app):
    test = app()
    assert not test.exception
    assert [c.value for c in test.code][0] == "make demo" and "from barograph import watch" in test.code[1].value
    assert "No run yet" in app(RUN).info[0].value


def test_what_is_no_store_is_one_sentence(app, tmp_path):
    (tmp_path / "runs.db").write_text("this is a letter, not a database " * 100)
    for page in (None, RUN):
        test = app(page)
        assert not test.exception and len(test.error) == 1 and "runs.db" in test.error[0].value


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


def test_an_axis_that_was_not_recorded_is_not_offered(app, tmp_path):
    made_up.steps_only(tmp_path / "runs.db")
    (axis,) = [g for g in app(RUN).get("button_group") if g.label == "x axis"]
    assert list(axis.options) == ["step"]


def test_every_signal_can_be_reached(app, tmp_path):
    run = made_up.finished(tmp_path / "runs.db")
    test = app(RUN)
    offered = set(test.multiselect[0].options) | set(test.selectbox(key="heat").options)
    assert {"step_time", "tokens", "grad_norm_tensor"} <= offered
    assert len(Store(tmp_path / "runs.db").signals(run)) > 5
    assert not test.multiselect[0].set_value(["step_time", "grad_norm_tensor"]).run().exception


def test_the_filter_finds_by_name_state_and_configuration(app, tmp_path):
    made_up.finished(tmp_path / "runs.db", 50, "alpha", 1)
    made_up.finished(tmp_path / "runs.db", 50, "beta", 2, state="stopped")
    test = app()
    assert len(test.dataframe[0].value) == 2
    for words, names in (("alp", ["alpha"]), ("seed=2", ["beta"]), ("alpha seed=2", None)):
        test.text_input(key="q").set_value(words).run()
        shown = list(test.dataframe[0].value["Run"]) if names else "no table"
        assert shown == names if names else "No run matches" in test.info[0].value


def test_signals_that_are_sampled_say_so(app, tmp_path):
    made_up.finished(tmp_path / "runs.db")
    (chart,) = charts(app(RUN))
    assert "every 10 steps: a spike of one step can fall between two samples" in chart.proto.spec


def test_runs_chosen_in_the_address_are_chosen_and_asked_about(app, tmp_path):
    for seed in (1, 2, 3):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed)
    assert {"Open", "Rename, note, tags", "Delete"} == {button.label for button in app(runs="run-2-finished").button}
    test = app(runs="run-1-finished,run-3-finished")
    assert {"Delete"} == {button.label for button in test.button}
    test.button(key="delete").click().run()
    assert "cannot be undone" in spoken(test) and len(Store(tmp_path / "runs.db").runs()) == 3


def test_an_unknown_run_in_the_address_is_said(app, tmp_path):
    made_up.finished(tmp_path / "runs.db")
    test = app(RUN, run="nonsense<b>")
    assert not test.exception and charts(test)
