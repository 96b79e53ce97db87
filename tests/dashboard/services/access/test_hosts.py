"""By which names the server answers, and which pages may ask it."""

import pytest

from barograph.dashboard.services.access import hosts
from barograph.errors import InvalidInput


@pytest.mark.parametrize(
    ("host", "names", "reached", "answers"),
    [
        ("localhost", [], "", True),
        ("LOCALHOST.:8501", [], "", True),
        ("127.0.0.1:8501", [], "127.0.0.1", True),
        ("[::1]:8501", [], "::1", True),
        ("evil.example:8501", [], "127.0.0.1", False),
        ("127.0.0.1.evil.example", [], "127.0.0.1", False),
        ("localhost.evil.example", [], "127.0.0.1", False),
        ("evil.example@localhost", [], "127.0.0.1", False),
        ("", [], "127.0.0.1", False),
        ("10.0.0.7:8501", [], "10.0.0.7", True),
        ("10.0.0.7:8501", [], "::ffff:10.0.0.7", True),
        ("10.0.0.8:8501", [], "10.0.0.7", False),
        ("gpu3:8501", ["gpu3"], "10.0.0.7", True),
        ("gpu3.example.org", ["gpu3"], "10.0.0.7", False),
        ("gpu3.example.org", ["*.example.org"], "10.0.0.7", True),
        ("example.org", ["*.example.org"], "10.0.0.7", False),
        ("evilexample.org", ["*.example.org"], "10.0.0.7", False),
        ("[fd00::7]", ["fd00::7"], "", True),
    ],
)
def test_which_names_are_answered(host, names, reached, answers):
    assert hosts.may_call(host, names, reached) is answers


def test_names_are_checked_when_they_are_given(monkeypatch):
    assert hosts.checked(["GPU3", "*.Example.org.", "[fd00::7]"]) == ["gpu3", "*.example.org", "fd00::7"]
    for wrong in ("*", "http://gpu3", "gpu3:8501", "", "a b", "*.*.org"):
        with pytest.raises(InvalidInput, match="--allow-host"):
            hosts.checked([wrong])
    monkeypatch.setenv(hosts.VARIABLE, "gpu3 *.example.org")
    assert hosts.allowed_by_default() == ["gpu3", "*.example.org"]


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://localhost:8501", "localhost:8501", True),
        ("http://LOCALHOST:8501", "localhost:8501", True),
        ("http://127.0.0.1:8501", "localhost:8501", False),
        ("http://localhost:3000", "localhost:8501", False),
        ("https://barograph.example", "barograph.example", True),
        ("http://barograph.example:80", "barograph.example", True),
        ("https://barograph.example", "barograph.example:80", False),
        ("null", "localhost:8501", False),
        ("file://", "localhost:8501", False),
        ("chrome-extension://abc", "abc", False),
        ("http://[::1", "localhost", False),
        ("http://localhost:8501@evil.example", "localhost:8501", False),
    ],
)
def test_which_pages_are_its_own(origin, host, own):
    assert hosts.is_own(origin, host) is own
