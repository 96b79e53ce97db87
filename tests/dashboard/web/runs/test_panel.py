"""The table of runs: its filter, and what to do where there is none."""

from tests.dashboard import made_up

RUN = "pages/02_Run.py"


def test_no_store_says_how_to_begin(app):
    test = app()
    assert not test.exception
    assert [c.value for c in test.code][0] == "make demo" and "from barograph import watch" in test.code[1].value
    assert "No run yet" in app(RUN).info[0].value


def test_the_filter_finds_by_name_state_and_configuration(app, tmp_path):
    made_up.finished(tmp_path / "runs.db", 50, "alpha", 1)
    made_up.finished(tmp_path / "runs.db", 50, "beta", 2, state="stopped")
    test = app()
    assert len(test.dataframe[0].value) == 2
    for words, names in (("alp", ["alpha"]), ("seed=2", ["beta"]), ("alpha seed=2", None)):
        test.text_input(key="q").set_value(words).run()
        shown = list(test.dataframe[0].value["Run"]) if names else "no table"
        assert shown == names if names else "No run matches" in test.info[0].value
