"""The table of runs, without a page."""

import pandas as pd

from barograph.dashboard.web.runs import view
from barograph.db import Run

RUNS = [
    Run("a", "alpha", state="finished", config={"seed": 1}, tags=("good",), started=1000.0, last_step=9),
    Run("b", "beta", state="stopped", config={"seed": 2}, note="too hot", project="lm"),
]


def test_the_table_has_a_row_a_run_and_leaves_blank_what_is_not_known():
    rows = [view.RunRow(RUNS[0], 1.0, 2.5, [3.0, 2.5], 120.0), view.RunRow(RUNS[1], None, None, [], 0.0)]
    frame = view.table(rows)
    assert list(frame["Run"]) == ["alpha", "beta"] and list(frame["Open"]) == ["Run?run=a", "Run?run=b"]
    assert frame["Minutes"][0] == 2 and pd.isna(frame["Minutes"][1]) and pd.isna(frame["Loss"][1])
    assert frame["Started"][0] == pd.Timestamp(1000, unit="s", tz="UTC") and pd.isna(frame["Started"][1])
