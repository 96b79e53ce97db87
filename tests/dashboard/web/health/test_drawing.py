"""The charts of the Health page."""

from tests.dashboard import made_up_health
from tests.dashboard.web.seen import charts

RUN, HEALTH = "pages/02_Run.py", "pages/04_Health.py"
PAGE = HEALTH


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
