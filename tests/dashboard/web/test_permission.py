"""Who may change what the pages show: whoever's browser has the token; the others are told how to get it."""

import pytest
import streamlit as st

from barograph.dashboard.services.access import token
from barograph.dashboard.web import cache, permission
from barograph.db import Store
from barograph.errors import StoreError
from tests.dashboard import made_up


@pytest.fixture
def visitor(monkeypatch, tmp_path):
    made_up.finished(tmp_path / "runs.db", 50)
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))
    monkeypatch.setenv(token.VARIABLE, "secret")
    cookies: dict[str, str] = {}
    monkeypatch.setattr(type(st.context), "cookies", cookies)
    return cookies


def test_a_visitor_without_the_token_changes_nothing(visitor, tmp_path):
    (run,) = before = Store(tmp_path / "runs.db").runs()
    changes = [
        lambda: cache.edit(run.id, "other", "", []),
        lambda: cache.delete(run.id),
        lambda: cache.request_stop(run.id),
        lambda: cache.save_view("mine", "Compare"),
        lambda: cache.drop_view("mine"),
    ]
    for change in changes:
        with pytest.raises(StoreError, match="token"):
            change()
    assert Store(tmp_path / "runs.db").runs() == before


def test_a_visitor_with_the_token_does(visitor, tmp_path):
    visitor[token.cookie()] = "secret"
    (run,) = Store(tmp_path / "runs.db").runs()
    cache.edit(run.id, "other", "", [])
    assert Store(tmp_path / "runs.db").runs()[0].name == "other"


def test_visitors_are_told_on_every_page(app, visitor):
    shown = app(None)
    assert any(permission.SENTENCE in one.value for one in shown.caption)
    visitor[token.cookie()] = "secret"
    assert not any(permission.SENTENCE in one.value for one in shown.run().caption)


def test_what_cannot_be_changed_is_a_sentence(app, visitor):
    shown = app("pages/04_Health.py")
    (test,) = [one for one in shown.button if one.label == "Test the alerts"]
    assert any("token" in one.value for one in test.click().run().warning)
