"""Episodes as cards, and the buttons by which they are reviewed."""

import pytest

from barograph.db import Store
from tests.dashboard import made_up_health
from tests.dashboard.web.seen import spoken

RUN, HEALTH = "pages/02_Run.py", "pages/04_Health.py"
PAGE = HEALTH


def judgements(tmp_path) -> set[str]:
    store = Store(tmp_path / "runs.db")
    return {finding.judgement for finding in store.findings(store.runs()[0].id)}


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
