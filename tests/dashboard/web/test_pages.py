"""Both pages on every made-up store: no exception, and no empty panel without a sentence."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken

RUN = "pages/02_Run.py"


def charts(test: AppTest) -> list:
    return [e for e in test.main if e.type == "vega_lite_chart"] or list(test.get("vega_lite_chart"))


@pytest.mark.parametrize("situation", made_up.SITUATIONS, ids=lambda f: f.__name__)
def test_both_pages_survive(situation, app, tmp_path):
    situation(tmp_path / "runs.db")
    assert not app().exception
    test = app(RUN)
    assert not test.exception
    assert charts(test) or spoken(test)
