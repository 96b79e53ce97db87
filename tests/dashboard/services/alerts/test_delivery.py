"""Messages on their way to services."""

import pytest

from barograph.dashboard.services.alerts.delivery import NotSent, send, send_test
from barograph.dashboard.services.settings import SettingsError


def test_a_failure_is_one_sentence_without_the_secret():
    for url, why in (("json://me:secret@127.0.0.1:1/", "Connection error"), ("nonsense://secret", "not an address")):
        with pytest.raises(NotSent, match=why) as caught:
            send([url], "title", "body")
        assert "secret" not in str(caught.value) and "\n" not in str(caught.value) and caught.value.reached == 0


def test_the_test_button(store, inbox):
    assert send_test(store.path) == "Sent to json."
    assert inbox.posts[0]["title"] == "Barograph: a test" and "http://here:8501/Health" in inbox.posts[0]["message"]
    (store.path.parent / "barograph.toml").unlink()
    with pytest.raises(SettingsError, match="nobody to alert: .*barograph.toml names no services"):
        send_test(store.path)
