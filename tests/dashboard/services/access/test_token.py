"""The token that lets a browser change something, and who gets it unasked."""

import os
import socket

import pytest

from barograph.dashboard.services.access import token


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setenv(token.VARIABLE, "of-this-server")


def test_it_is_given_or_made_anew(monkeypatch):
    assert token.given_or_new() == token.current() == "of-this-server"
    assert token.link("of-this-server") == "/?token=of-this-server"
    monkeypatch.delenv(token.VARIABLE)
    assert len(token.given_or_new()) >= 32 and token.given_or_new() != token.given_or_new()
    assert token.current() == "" and not token.fits("") and not token.shown({token.cookie(): ""})


def test_only_the_right_one_fits():
    assert (
        token.fits("of-this-server") and not token.fits("of-this-serve") and not token.fits("") and not token.fits("ü")
    )
    assert not token.fits(None)
    assert token.shown({token.cookie(): "of-this-server"})
    assert not token.shown({token.cookie(): "of-another", "token": "of-this-server"})


def test_a_token_of_any_letters_passes_through_its_cookie(monkeypatch):
    monkeypatch.setenv(token.VARIABLE, "a b;c=ü%")
    assert token.shown({token.cookie(): "a%20b%3Bc%3D%C3%BC%25"})


def test_each_server_has_a_cookie_of_its_own(monkeypatch):
    before = token.cookie()
    monkeypatch.setenv(token.VARIABLE, "of-another-server")
    assert token.cookie() != before and "of-another" not in token.cookie()


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="the table of sockets is Linux's")
@pytest.mark.parametrize(("family", "near"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_other_end_of_a_connection_is_known_by_its_user(family, near, monkeypatch):
    with socket.socket(family) as server:
        try:
            server.bind((near, 0))
        except OSError:
            pytest.skip(f"no {near} here")
        server.listen()
        with socket.create_connection(server.getsockname()[:2]) as client:
            accepted = server.accept()[0]
            with accepted:
                ends = client.getsockname()[:2], accepted.getsockname()[:2]
                assert token.of_our_user(*ends)
                assert not token.of_our_user(ends[0], (near, 1)), "another connection"
                monkeypatch.setattr(os, "getuid", lambda: 4242)
                assert not token.of_our_user(*ends)
