"""The install with the dashboard, from a folder with names of ours: commands, server, theme, and the user's torch."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import tomllib
import urllib.request
from contextlib import closing

import pytest

from tests.install.conftest import clean
from tests.install.test_base import VERSION
from tests.source_tree import ROOT

WATCH = """
from barograph import Store, watch
with watch(store="theirs.db", name="mine") as run:
    run.log(loss=1.0)
print(Store("theirs.db").runs()[0].state)
"""

COLOUR = """
import sys
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
with connect(f"ws://{sys.argv[1]}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as browser:
    opened = BackMsg()
    opened.rerun_script.query_string = ""
    browser.send(opened.SerializeToString())
    message = ForwardMsg()
    while message.WhichOneof("type") != "new_session":
        message = ForwardMsg.FromString(browser.recv(timeout=60))
    print(message.new_session.custom_theme.light.primary_color)
"""


def test_the_dashboard_needs_no_torch(with_dashboard):
    assert "streamlit" in with_dashboard.distributions()
    assert not {name for name in with_dashboard.distributions() if name.startswith(("torch", "nvidia"))}


def test_the_command_says_its_version(with_dashboard):
    assert VERSION in with_dashboard.answer("barograph", "--version")


def test_runs_of_a_store(with_dashboard):
    with_dashboard.answer("python", "-c", "from barograph import Store; Store('empty.db').close()")
    assert json.loads(with_dashboard.answer("barograph", "runs", "--store", "empty.db", "--json")) == []


@pytest.fixture(scope="module")
def address(with_dashboard):
    """Where `barograph serve` answers."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [with_dashboard.bin / "barograph", "serve", "--store", "empty.db", "--port", port]
    with open(with_dashboard.folder / "serve.log", "w+") as log:
        server = subprocess.Popen(command, cwd=with_dashboard.folder, env=clean(), stdout=log, stderr=log)
        try:
            for _ in range(600):
                assert server.poll() is None, (with_dashboard.folder / "serve.log").read_text()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=60)


def test_the_server_is_healthy(address):
    with urllib.request.urlopen(f"http://{address}/healthz", timeout=10) as answer:
        assert answer.status == 200


def test_a_browser_gets_our_theme(address, with_dashboard):
    theme = tomllib.loads((ROOT / "dashboard" / "web" / ".streamlit" / "config.toml").read_text())["theme"]
    assert with_dashboard.answer("python", "-c", COLOUR, address).strip() == theme["light"]["primaryColor"]


def test_a_training_script_with_the_torch_of_the_user(with_dashboard):
    with_dashboard.lend_torch()
    assert with_dashboard.answer("python", "-c", WATCH).split() == ["finished"]
    with_dashboard.answer("barograph", "demo", "--no-serve", "--steps", "5", "--store", "demo.db")
    (run,) = json.loads(with_dashboard.answer("barograph", "runs", "--store", "demo.db", "--json"))
    assert (run["state"], run["step"]) == ("finished", 5)
