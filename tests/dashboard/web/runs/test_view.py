"""The table of runs, without a page."""

import pandas as pd

from barograph.dashboard.web.runs import view
from barograph.db import Run

RUNS = [
    Run("a", "alpha", state="finished", tags=("good", "group:wide", "archived"), started=1000.0, last_step=9),
    Run("b", "beta", state="stopped", note="too hot", project="lm"),
]
VALUES = [
    {"final_loss": 2.5, "severity": 2, "parameters": 10.4e9, "config_lr": 0.1, "config_opt": "adam"},
    {"final_loss": None, "severity": None, "config_lr": 1, "config_deep": True},
]
ROWS = [
    view.RunRow(RUNS[0], VALUES[0], 1.0, [3.0, 2.5], 7_500.0), view.RunRow(RUNS[1], VALUES[1], None, [], 0.0)
]  # fmt: skip


def test_the_table_has_a_row_a_run_and_leaves_blank_what_is_not_known():
    frame = view.table(ROWS)
    assert list(frame["Run"]) == ["alpha", "beta"] and list(frame["Health"]) == [["act"], []]
    assert [text.strip("\u2007") for text in frame["Duration"]] == ["2:05", ""] and pd.isna(frame["Loss"][1])
    assert frame["Started"][0] == pd.Timestamp(1000, unit="s", tz="UTC") and pd.isna(frame["Started"][1])
    assert list(frame["Group"]) == ["wide", ""] and list(frame["Tags"]) == [["good"], []]
    assert "Validation loss" not in frame, "what no run has is not shown unasked"


def test_columns_can_be_chosen_from_numbers_and_the_configuration():
    assert view.columns(ROWS)[-6:] == ["Parameters", "Tokens", "FLOPs", "lr", "opt", "deep"]
    frame = view.table(ROWS, ["lr", "opt", "deep", "Parameters", "Validation loss"])
    assert list(frame) == ["Run", "lr", "opt", "deep", "Parameters", "Validation loss"]
    assert (
        list(frame["lr"]) == [0.1, 1.0] and list(frame["opt"]) == ["adam", ""] and list(frame["deep"]) == ["", "True"]
    )
