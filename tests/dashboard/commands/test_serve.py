"""`barograph serve`: it answers, follows folders, ends cleanly, and leaves nothing running."""

from __future__ import annotations

import contextlib
import signal
import socket
import urllib.request
from types import SimpleNamespace

import psutil
import pytest
from typer.testing import CliRunner

from barograph.dashboard.commands import _address, _children
from barograph.dashboard.commands._app import app
from barograph.dashboard.services.access import hosts, token
from barograph.dashboard.services.background.log_follower import followed_by_default
from barograph.db import Run, Store
from tests.dashboard.commands.processes import answer, ended, running


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_serve_from_any_folder_until_ctrl_c(tmp_path, port, by):
    Store(tmp_path / "mine.db").append(Run("a", "a"), {"loss": ([0], [1.0])})
    with running(tmp_path, "serve", "--store", "mine.db", "--port", port) as process:
        assert b'"runs":1' in answer(port, process).replace(b" ", b"")
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
        assert b"<html" in page
        family = psutil.Process(process.pid).children(recursive=True)
        open_at = [c for one in family for c in one.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        listening = [c.laddr.ip for c in open_at if c.laddr.port == port]
        assert listening == ["127.0.0.1"]
        said = ended(process, by)
    assert process.returncode == 0 and f"http://127.0.0.1:{port}" in said and f"{port}/?token=" in said


@pytest.mark.parametrize("words", [["serve"], ["demo"]])
def test_a_port_that_is_taken_is_one_sentence(tmp_path, port, words):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with running(tmp_path, *words, "--port", port) as process:
            said = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and f"port {port} on 127.0.0.1 is taken" in said and said.count("\n") == 1


def test_serve_without_the_folder_of_the_store(tmp_path, port):
    with running(tmp_path, "serve", "--store", "no/runs.db", "--port", port) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and "no folder" in said and said.count("\n") == 1


@pytest.fixture
def place(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path


@pytest.mark.parametrize("given", ["nowhere", "file", "with:colon"])
def test_serve_refuses_what_cannot_be_watched_in_a_sentence(place, given):
    (place / "file").write_text("x")
    (place / "with:colon").mkdir()
    found = ["--watch", str(place / "logs"), "--watch", str(place / given)]
    done = CliRunner().invoke(app, ["serve", "--store", str(place / "runs.db"), *found])
    assert done.exit_code == 1 and given in done.output and "Traceback" not in done.output


def test_serve_tells_the_server_which_folders_and_which_names(place, monkeypatch):
    told = {}

    @contextlib.contextmanager
    def started(command, store, *, quiet, **environment):
        told.update(environment)
        yield SimpleNamespace(wait=lambda: 0)

    monkeypatch.setattr(_children, "started", started)
    monkeypatch.setattr(_children, "wait_for", lambda *given: False)
    monkeypatch.setattr(_address, "require_free", lambda *given: None)
    (place / "more").mkdir()
    found = [
        "--watch",
        str(place / "logs"),
        "--watch",
        str(place / "more"),
        "--allow-host",
        "GPU3",
        "--allow-host",
        "::7",
    ]
    CliRunner().invoke(app, ["serve", "--store", str(place / "runs.db"), *found])
    monkeypatch.setenv("BAROGRAPH_WATCH", told["BAROGRAPH_WATCH"])
    assert followed_by_default() == [str(place / "logs"), str(place / "more")]
    assert told[hosts.VARIABLE] == "gpu3 ::7" and len(told[token.VARIABLE]) >= 32


def test_serve_refuses_a_name_that_would_let_everybody_in(place):
    done = CliRunner().invoke(app, ["serve", "--store", str(place / "runs.db"), "--allow-host", "*"])
    assert done.exit_code == 1 and "--allow-host" in done.output and "Traceback" not in done.output
