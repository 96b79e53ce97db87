"""Runs are archived, and are as before when that is taken back."""

from barograph.db import Store
from tests.dashboard import made_up
from tests.dashboard.web.seen import spoken


def test_archived_runs_leave_the_lists_until_it_is_undone(app, tmp_path):
    for seed in (1, 2, 3):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed, tags=("kept",))
    store = Store(tmp_path / "runs.db")
    test = app(runs="run-1-finished,run-3-finished")
    test.button(key="archive").click().run()
    assert [run.name for run in store.runs() if run.archived] == ["number 3", "number 1"]
    assert list(test.dataframe[0].value["Run"]) == ["number 2"] and "2 runs archived" in spoken(test)
    assert test.toggle(key="archived").value is False, "and there is a way to see them"
    test.button(key="undo_last").click().run()
    assert {run.tags for run in store.runs()} == {("kept",)} and len(test.dataframe[0].value) == 3
    assert "archived" not in spoken(test)
