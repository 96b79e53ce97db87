"""What can be asked for with the chosen runs, and what is asked before a run is deleted."""

from barograph.db import Store
from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken

RUN = "pages/02_Run.py"


def test_runs_chosen_in_the_address_are_chosen_and_asked_about(app, tmp_path):
    for seed in (1, 2, 3):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed)
    assert {"Open", "Rename, note, tags", "Delete"} == {button.label for button in app(runs="run-2-finished").button}
    test = app(runs="run-1-finished,run-3-finished")
    assert {"Delete"} == {button.label for button in test.button}
    test.button(key="delete").click().run()
    assert "cannot be undone" in spoken(test) and len(Store(tmp_path / "runs.db").runs()) == 3
