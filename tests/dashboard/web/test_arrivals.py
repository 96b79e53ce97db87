"""A run that begins while a page is open is named once; one that is imported does not begin."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard import made_up


@pytest.fixture
def frame(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))
    return AppTest.from_string("from barograph.dashboard.web.arrivals import watched\nwatched()").run()


def test_a_run_that_begins_is_named_once(frame, tmp_path):
    writer = made_up.begin(tmp_path / "runs.db", "the *first*", steps_planned=400)
    made_up.write(writer, 100, total=400)
    writer.tend()
    frame.session_state["begun"] = [writer.run.id]  # what the tick leaves when it asks for a new page
    assert [toast.value for toast in frame.run().toast] == [r"The run **the \*first\*** has begun."]
    assert not frame.run().toast
    writer.close()


def test_an_imported_run_does_not_begin(frame, tmp_path):
    frame.session_state["begun"] = [made_up.finished(tmp_path / "runs.db", 50)]
    assert not frame.run().toast
