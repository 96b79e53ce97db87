"""What is known of a run beside its charts."""

from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken

PAGE = "pages/02_Run.py"


def test_every_tab_has_its_table(app, tmp_path):
    made_up.finished(tmp_path / "runs.db", 300)
    test = app()
    assert [tab.label for tab in test.tabs] == [
        "Forecasts", "Configuration", "Provenance", "Events", "Attempts", "Signals"
    ]  # fmt: skip
    columns = [set(frame.value.columns) for frame in test.dataframe]
    assert {"attempt", "from step", "started", "state"} in columns
    assert {"signal", "name", "unit", "meaning", "better", "parts"} in columns


def test_what_a_run_did_not_say_is_a_sentence(app, tmp_path):
    made_up.nothing_recorded(tmp_path / "runs.db")
    said = spoken(app())
    assert "No signal recorded yet." in said and "No events yet" in said
