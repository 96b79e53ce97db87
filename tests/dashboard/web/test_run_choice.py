"""Which run a page is about."""

from streamlit.testing.v1 import AppTest

from tests.dashboard import made_up

RUN = "pages/02_Run.py"


def charts(test: AppTest) -> list:
    return [e for e in test.main if e.type == "vega_lite_chart"] or list(test.get("vega_lite_chart"))


def test_what_is_no_store_is_one_sentence(app, tmp_path):
    (tmp_path / "runs.db").write_text("this is a letter, not a database " * 100)
    for page in (None, RUN):
        test = app(page)
        assert not test.exception and len(test.error) == 1 and "runs.db" in test.error[0].value


def test_an_unknown_run_in_the_address_is_said(app, tmp_path):
    made_up.finished(tmp_path / "runs.db")
    test = app(RUN, run="nonsense<b>")
    assert not test.exception and charts(test)
