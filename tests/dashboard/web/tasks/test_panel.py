"""The Tasks page: courses, the gap after a boundary, measures."""

from __future__ import annotations

import pytest

from tests.dashboard import made_up, made_up_evaluations
from tests.dashboard.web.seen import charts, spoken

PAGE = "pages/06_Tasks.py"


@pytest.mark.parametrize("situation", made_up.SITUATIONS + made_up_evaluations.SITUATIONS, ids=lambda f: f.__name__)
def test_the_page_survives_and_says_something(situation, app, tmp_path):
    situation(tmp_path / "runs.db")
    test = app()
    assert not test.exception and spoken(test)
    for kind in (test.caption, test.markdown, test.header):
        assert not [e.value for e in kind if "<script" in e.value.replace("\\<", "") or len(e.value) > 3000]


def test_tasks_their_gap_and_their_measures_are_there(app, tmp_path):
    made_up_evaluations.learn(tmp_path / "runs.db")
    test = app()
    whole, close = charts(test)
    for title in ("Accuracy of every task", "Tasks over time", "Loss of each task"):
        assert title in whole
    assert "falls by" in close and "when signs begins" in close
    assert "WC-ACC" in list(test.dataframe[1].value["measure"])
    other = app(boundary="120")
    assert "digits falls by" in charts(other)[1] and "when letters begins" in charts(other)[1]


def test_what_a_run_recorded_inside_is_shown(app, tmp_path):
    made_up_evaluations.inside(tmp_path / "runs.db")
    test = app()
    said = spoken(test)
    assert "Modules" in said and "Gradients of domains" in said
    assert "Domain loss" in charts(test)[0] and "Domain share" in charts(test)[0]


def test_of_many_tasks_some_are_lines_and_all_are_in_the_map(app, tmp_path):
    made_up_evaluations.many(tmp_path / "runs.db")
    test = app()
    assert "12 of 40 tasks; the map has all" in charts(test)[0]
    assert [one.label for one in test.toggle] == ["Compute from 48,040 evaluations"]
    (chosen,) = [one for one in test.multiselect if one.label == "Tasks"]
    chosen.set_value(["task 03"]).run()
    assert not test.exception and "1 of 40 tasks" in charts(test)[0]
