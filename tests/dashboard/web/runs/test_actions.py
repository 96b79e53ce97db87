"""What can be done with the ticked runs."""

from tests.dashboard import made_up

ONE = {"Open", "Forecast", "Tag", "Archive", "Rename, note, tags", "Delete"}
SEVERAL = {"Compare", "Forecast", "Group", "Tag", "Archive", "Delete"}


def test_ticked_runs_lead_to_the_next_question(app, tmp_path):
    for seed in (1, 2, 3):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed)
    for runs, labels in (("", set()), ("run-2-finished", ONE), ("run-1-finished,run-3-finished", SEVERAL)):
        test = app(runs=runs)
        assert {button.label for button in test.button} == labels and not test.exception
