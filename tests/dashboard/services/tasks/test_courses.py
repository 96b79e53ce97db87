"""Courses and the map of tasks: no extreme is lost or moved."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.services.frames import View
from barograph.dashboard.services.tasks import courses
from tests.dashboard.made_up_evaluations import NAMES, VISIT


def test_courses_keep_every_extreme_where_it_was(evaluated, monkeypatch):
    monkeypatch.setattr(courses, "ROWS", 120)
    store, run = evaluated()
    drawn = courses.courses(store, View(run), "eval_accuracy", NAMES)
    assert len(drawn) < 3 * 80 and list(dict.fromkeys(drawn["part"])) == list(NAMES)
    for name in NAMES:
        points = store.series(run, "eval_accuracy", (name,))
        mine = drawn[drawn["part"] == name]
        assert {points.values.min(), points.values.max()} <= set(mine["value"])
        assert np.array_equal(points.values[np.searchsorted(points.steps, mine["step"])], mine["value"])
        assert (np.diff(mine["step"]) > 0).all()


def test_the_map_has_each_cell_or_what_was_known_before(evaluated):
    store, run = evaluated()
    drawn = courses.courses(store, View(run), "eval_accuracy", NAMES)
    kept = drawn[~((drawn["part"] == "signs") & (drawn["step"] < 100)) & ~drawn["step"].between(200, 260)]
    cells = courses.matrix(store, View(run), kept.reset_index(drop=True), 3 * VISIT).frame
    assert list(dict.fromkeys(cells["part"])) == list(NAMES)
    assert cells[cells["part"] == "signs"]["from_step"].min() >= 98, "blank before its first evaluation"
    hole = cells[(cells["part"] == "digits") & cells["from_step"].between(205, 255)]
    before = kept[(kept["part"] == "digits") & (kept["step"] < 200)]["value"]
    assert len(hole) > 10 and hole["mean"].nunique() == 1 and abs(hole["mean"].iloc[0] - before.iloc[-3:].mean()) < 0.05
    assert ((cells["low"] <= cells["mean"] + 1e-12) & (cells["mean"] <= cells["high"] + 1e-12)).all()
