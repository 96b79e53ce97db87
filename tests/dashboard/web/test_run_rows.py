"""A row a run, read again only when its run has changed."""

from streamlit.testing.v1 import AppTest

from tests.dashboard import made_up

CODE = """
import streamlit as st
from barograph.dashboard.services import run_table
from barograph.dashboard.web import run_rows

made, read = [], run_table.row
run_table.row = lambda store, run: made.append(run.name) or read(store, run)
try:
    st.session_state["found"] = [run.name for run in run_rows.filtered(st.session_state["text"])]
finally:
    run_table.row = read
st.session_state["made"] = made
"""


def test_words_and_conditions_filter_and_rows_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))
    for seed in (1, 2):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed, config={"lr": 10.0**-seed})
    test = AppTest.from_string(CODE, default_timeout=60)
    for text, found, made in (("lr > 0.05", ["number 1"], 2), ("NUMBER 2", ["number 2"], 0), ("", ["number 2"] * 0, 0)):
        test.session_state["text"] = text
        assert not test.run().exception
        assert test.session_state["found"] == (found or ["number 2", "number 1"])
        assert len(test.session_state["made"]) == made
