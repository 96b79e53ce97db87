"""Marks of what a chart leaves out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from barograph.dashboard.services.close_up import labelled, outside


def test_each_stretch_has_one_mark_where_it_is_farthest():
    values = [9.0, 8.0, 1.0, np.nan, 5.0, 7.0, 6.0, 1.0, -3.0]
    frame = pd.DataFrame({"old_x": range(9), "step": range(9), "old": values})
    marks = outside(frame, "old", 4.0, x="old_x", part="a")
    assert marks[["x", "value"]].to_numpy().tolist() == [[0, 9.0], [5, 7.0]] and set(marks["part"]) == {"a"}
    assert outside(frame, "old", 0.0, "bottom", x="old_x")["value"].tolist() == [-3.0]


def test_marks_that_are_near_share_the_number_of_the_farthest():
    frame = pd.DataFrame({"x": [0, 2, 4], "step": 0, "y": [7.0, 1.0, 9.0]})
    found = labelled([outside(frame, "y", 3.0), outside(frame, "y", 2.0, "bottom")], 100.0)
    assert dict(zip(found["value"], found["label"], strict=True)) == {7.0: "", 9.0: "9", 1.0: "1"}
