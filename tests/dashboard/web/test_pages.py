"""Every page on every made-up store: no exception, and no empty panel without a sentence."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from barograph.dashboard.web import pages
from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken

PAGES = sorted(path.name for path in Path(pages.__path__[0]).glob("[0-9]*.py"))


def charts(test: AppTest) -> list:
    return [e for e in test.main if e.type == "vega_lite_chart"] or list(test.get("vega_lite_chart"))


@pytest.mark.parametrize("situation", made_up.SITUATIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_survives_every_store_and_says_something(page, situation, app, tmp_path):
    kept = situation(tmp_path / "runs.db")  # a live run's writer
    test = app(f"pages/{page}")
    assert not test.exception
    assert charts(test) or spoken(test)
    del kept
