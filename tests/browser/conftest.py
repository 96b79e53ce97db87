"""The real server on a free port, and a real browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import chromium

ROOT = Path(__file__).parents[2]


@contextmanager
def served(store: Path):
    """`streamlit run app.py` on a store; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with open(store.parent / "server.log", "w") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "BAROGRAPH_STORE": str(store)}, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/healthz", timeout=2)
                    break
                except OSError:
                    assert server.poll() is None, (store.parent / "server.log").read_text()
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_until(page, found, seconds: float = 60) -> float:
    """Waits for what must come about; returns the seconds that it took."""
    begun = time.monotonic()
    while not found():
        assert time.monotonic() - begun < seconds, "it did not come about"
        page.wait_for_timeout(100)
    return time.monotonic() - begun


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    if path is None:
        pytest.fail("The browser tests need Chromium: python tests/chromium.py installs it or says how.")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context.new_page()
    context.close()
