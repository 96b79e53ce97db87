"""Runs as methods in one table."""

from __future__ import annotations

from tests.dashboard import made_up_evaluations

PAGE = "pages/06_Tasks.py"


def test_methods_are_compared_with_seeds_together(app, tmp_path):
    made_up_evaluations.methods(tmp_path / "runs.db")
    table = app().dataframe[-1].value
    assert sorted(table["method"]) == ["fine-tuning", "replay"] and list(table["runs"]) == [3, 3]
    assert all("±" in text for text in table["WC-ACC"])
