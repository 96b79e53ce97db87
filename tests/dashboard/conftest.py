"""The pages, opened as a reader opens them."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from barograph.db import Store

from . import made_up_evaluations

MAIN = str(Path(__file__).parents[2] / "dashboard" / "web" / "main.py")


@pytest.fixture
def app(request, tmp_path, monkeypatch):
    """Opens a page on the store `runs.db`: `app()` the test file's own `PAGE`, or `app(RUN, x="time")`."""
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))

    def opened(page: str | None = getattr(request.module, "PAGE", None), **address: str) -> AppTest:
        test = AppTest.from_file(MAIN, default_timeout=60)
        if page:
            test.run()
            test.switch_page(page)
        for name, value in address.items():
            test.query_params[name] = value
        return test.run()

    return opened


@pytest.fixture
def evaluated(tmp_path):
    """A store of evaluated tasks, and its first run: `evaluated()`, or another situation of `made_up_evaluations`."""

    def made(situation=made_up_evaluations.learn, **how) -> tuple[Store, str]:
        situation(tmp_path / "runs.db", **how)
        opened = Store(tmp_path / "runs.db")
        return opened, opened.runs()[0].id

    return made
