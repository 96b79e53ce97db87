"""The Health page on every made-up store: it survives and says what is wrong."""

import pytest

from tests.dashboard import made_up, made_up_health
from tests.dashboard.web.seen import spoken

RUN, HEALTH = "pages/02_Run.py", "pages/04_Health.py"
PAGE = HEALTH


@pytest.mark.parametrize(
    "situation", made_up.SITUATIONS + made_up_health.SITUATIONS, ids=lambda f: f"{f.__module__[-6:]}-{f.__name__}"
)
def test_the_page_survives_and_says_something(situation, app, tmp_path):
    situation(tmp_path / "runs.db")
    test = app()
    assert not test.exception and spoken(test)


def test_what_was_not_recorded_is_said(app, tmp_path):
    made_up_health.healthy(tmp_path / "runs.db")
    said = spoken(app())
    assert "recorded nothing by layer, head or tensor" in said
    assert "Attention logits: not checked" in said


def test_names_from_outside_are_inert(app, tmp_path):
    made_up_health.hostile(tmp_path / "runs.db")
    for page in (HEALTH, RUN):
        test = app(page)
        for kind in (test.caption, test.markdown, test.header):
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
