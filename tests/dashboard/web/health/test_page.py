"""The Health page on every made-up store: it survives, says what is wrong, and does what its buttons say."""

import pytest

from barograph.dashboard.web.health import desk
from barograph.db import Store
from tests.dashboard import made_up, made_up_health
from tests.dashboard.web.seen import charts, spoken

RUN, HEALTH = "pages/02_Run.py", "pages/04_Health.py"
PAGE = HEALTH


@pytest.fixture
def app(app, monkeypatch):
    """Examinations take as long as they take."""
    monkeypatch.setattr(desk, "PATIENCE", (30.0, 30.0))
    return app


def judgements(tmp_path) -> set[str]:
    store = Store(tmp_path / "runs.db")
    return {finding.judgement for finding in store.findings(store.runs()[0].id)}


@pytest.mark.parametrize(
    "situation", made_up.SITUATIONS + made_up_health.SITUATIONS, ids=lambda f: f"{f.__module__[-6:]}-{f.__name__}"
)
def test_the_page_survives_and_says_something(situation, app, tmp_path):
    situation(tmp_path / "runs.db")
    test = app()
    assert not test.exception and spoken(test)


@pytest.mark.parametrize(("situation", "verdict"), [
    (made_up_health.healthy, ":green["),
    (made_up_health.growing, ":red["),
    (made_up_health.died, "It diverged"),
    (made_up_health.twenty, "20 episodes are over"),
    (made_up_health.rewarmed, ":green["),
])  # fmt: skip
def test_both_pages_give_the_verdict_in_one_line_with_its_colour(situation, verdict, app, tmp_path):
    situation(tmp_path / "runs.db")
    said = app().subheader[0].value
    assert verdict in said.replace("\\", "")
    assert said in [element.value for element in app(RUN).markdown]


def test_an_episode_says_what_where_since_when_and_what_to_do(app, tmp_path):
    made_up_health.growing(tmp_path / "runs.db")
    said = spoken(app())
    assert "Attention logits" in said and "blocks.3/1" in said and "since step" in said
    assert "**Try:**" in said and "qk-norm" in said
    assert "Expected crossing at step" in said and "confidence" in said


def test_twenty_episodes_are_all_there(app, tmp_path):
    made_up_health.twenty(tmp_path / "runs.db")
    test = app()
    assert len([button for button in test.button if button.label == "Acknowledge"]) == 20
    assert "Earlier and less severe (14)" in [expander.label for expander in test.expander]
    assert spoken(test).count("**Try:**") < 4, "the same advice is not given twenty times"


def test_an_expected_rise_is_explained_and_has_nothing_to_judge(app, tmp_path):
    made_up_health.rewarmed(tmp_path / "runs.db")
    test = app()
    assert "Expected, not flagged (1)" in [expander.label for expander in test.expander]
    assert "learning rate was raised again" in spoken(test)
    assert not [button for button in test.button if button.label in ("Acknowledge", "Silence", "False alarm")]


@pytest.mark.parametrize(("label", "judgement"), [
    ("Acknowledge", "acknowledged"), ("Silence", "silenced"), ("False alarm", "wrong"),
])  # fmt: skip
def test_a_judgement_is_kept_shown_and_taken_back(label, judgement, app, tmp_path):
    made_up_health.died(tmp_path / "runs.db")
    test = app()
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception and judgements(tmp_path) == {judgement}
    again = app()
    said = spoken(again)
    assert {"wrong": "false alarm"}.get(judgement, judgement) in said.splitlines()
    assert ("~~Loss not a number" in said) == (judgement != "acknowledged")
    next(button for button in again.button if button.label == "Undo").click().run()
    assert judgements(tmp_path) == {""} and "~~" not in spoken(app())


def test_the_story_has_its_panels_and_the_projection_can_be_left_out(app, tmp_path):
    made_up_health.growing(tmp_path / "runs.db")
    test = app()
    story = charts(test)[0]
    for title in ("Findings", "Loss", "Gradient norm", "Largest attention logit", "where the trend goes"):
        assert title in story
    test.toggle(key="projection").set_value(False).run()
    assert "where the trend goes" not in charts(test)[0]


def test_the_row_of_the_address_opens_its_series_and_can_be_closed(app, tmp_path):
    made_up_health.growing(tmp_path / "runs.db")
    assert "blocks.3 / 1" not in charts(app())[1]
    test = app(map="attn_logit_max", row="blocks.3 / 1")
    assert "by head: blocks.3 / 1" in charts(test)[1]
    next(button for button in test.button if button.label.startswith("Close")).click().run()
    assert "row" not in test.query_params and "by head: blocks.3" not in charts(test)[1]


def test_a_row_of_a_thousand_heads_opens_its_most_extreme_ones(app, tmp_path):
    made_up_health.thousand(tmp_path / "runs.db")
    where = charts(app(map="attn_logit_max", row="blocks.31"))[1]
    assert "1024 parts in 32 rows" in where and "the most extreme 8 of 32" in where


def test_the_maps_to_begin_with_are_those_of_what_was_found(app, tmp_path):
    made_up_health.element(tmp_path / "runs.db")
    test = app()
    (pills,) = [group for group in test.get("button_group") if group.label == "Heat maps"]
    assert list(pills.value) == ["grad_spike_max"]
    assert test.dataframe[-1].value["tensor"].tolist() == [made_up_health.TENSORS[1]]
    assert test.dataframe[-1].value["times"].tolist() == [1000]


def test_the_maps_to_begin_with_wait_for_the_first_look(app, tmp_path, monkeypatch):
    """Chosen before, they would stay those of a run in which nothing was found."""
    made_up_health.element(tmp_path / "runs.db")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(desk, "health", lambda run: None)
        test = app()
        assert not [group for group in test.get("button_group") if group.label == "Heat maps"] and charts(test)
    (pills,) = [group for group in test.run().get("button_group") if group.label == "Heat maps"]
    assert list(pills.value) == ["grad_spike_max"]


def test_a_run_that_died_has_no_forecast_to_be_held_against(app, tmp_path):
    made_up_health.died(tmp_path / "runs.db")
    assert "% of the run the forecast was" not in spoken(app(RUN))


def test_what_was_not_recorded_is_said(app, tmp_path):
    made_up_health.healthy(tmp_path / "runs.db")
    said = spoken(app())
    assert "recorded nothing by layer, head or tensor" in said
    assert "Attention logits: not watched" in said


def test_names_from_outside_are_inert(app, tmp_path):
    made_up_health.hostile(tmp_path / "runs.db")
    for page in (HEALTH, RUN):
        test = app(page)
        for kind in (test.caption, test.markdown, test.subheader):
            for element in kind:
                assert "<script" not in element.value.replace("\\<", "")
                assert "](" not in element.value.replace("\\]", "") and len(element.value) < 3000


def test_alerts_that_are_not_set_up_say_how(app, tmp_path):
    made_up_health.healthy(tmp_path / "runs.db")
    test = app()
    next(button for button in test.button if button.label == "Test the alerts").click().run()
    assert not test.exception and "barograph.toml" in test.warning[0].value.replace("\\", "")


def test_no_store_and_no_database_are_sentences(app, tmp_path):
    assert "No run yet" in app().info[0].value
    (tmp_path / "runs.db").write_text("this is a letter, not a database " * 100)
    test = app()
    assert not test.exception and "runs.db" in test.error[0].value
