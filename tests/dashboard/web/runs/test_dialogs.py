"""What is asked before a run is deleted, and of what runs are tagged with."""

from barograph.db import Store
from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken


def test_what_is_deleted_is_asked_about(app, tmp_path):
    for seed in (1, 2, 3):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed)
    test = app(runs="run-1-finished,run-3-finished")
    test.button(key="delete").click().run()
    assert "cannot be undone" in spoken(test) and len(Store(tmp_path / "runs.db").runs()) == 3
