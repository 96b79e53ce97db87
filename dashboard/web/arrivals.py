"""Runs that begin or end while a page is open: it shows them by itself, within seconds."""

from __future__ import annotations

import contextlib

import streamlit as st

from ...errors import StoreError
from ...formatting import plain
from . import cache

TICK = 2.0  # seconds between two looks
SAID = 3  # runs that are named at once


def watched() -> None:
    """Builds the page anew when a run has come, ended or gone, and says which began; every page has it."""
    known = _states()

    @st.fragment(run_every=TICK)
    def looking() -> None:
        now = _states()
        if now != known:
            st.session_state["begun"] = [run for run in now if run not in known]
            st.rerun()

    looking()
    for run in st.session_state.pop("begun", [])[:SAID]:
        if known.get(run, ("",))[0] == "running":
            st.toast(f"The run **{plain(known[run][1], 60)}** has begun.", icon=":material/play_circle:")


def _states() -> dict[str, tuple[str, str]]:
    """State and name of each run."""
    with contextlib.suppress(StoreError):  # the page says what is wrong
        return {run.id: (run.state, run.name) for run in cache.runs()}
    return {}
