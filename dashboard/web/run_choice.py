"""Which run a page is about: the list to choose from, and the run as it is by now."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...db import Run
from ...errors import StoreError
from ...formatting import moment, plain, short
from . import cache, url_state

TICK = 1.0  # seconds between two looks at a running run


def known_runs() -> list[Run]:
    """The runs of the store, newest first; where there are none, the page says why."""
    try:
        runs = cache.runs()
    except StoreError as error:
        st.error(str(error), icon=":material/database_off:")
        return []
    if not runs:
        st.info("No run yet. This page shows one as soon as it begins.", icon=":material/hourglass_empty:")
        with st.container(horizontal=True):
            st.page_link("pages/01_Runs.py", label="How to start one", icon=":material/play_circle:")
            st.page_link("pages/08_Import.py", label="Import logs", icon=":material/upload_file:")
    return runs


def choose_run(runs: Sequence[Run], place: DeltaGenerator | None = None) -> Run:
    """A list to choose one run from, in `place`; the run of the address is chosen, else the newest.

    The address holds the run's id; a bound control would write its label, which changes with the run's name.
    """
    here = st.query_params.get("run")
    runs = [run for run in runs if not run.archived or run.id == here] or runs
    by_id = {run.id: run for run in runs}
    names = {run.id: f"{short(run.name, 90)}  ·  {moment(run.started)}" for run in runs}
    asked = st.query_params.get("run")
    if asked and asked not in names:
        st.warning(
            f"There is no run {plain(asked, 60)} in this store; the newest run is shown.", icon=":material/search_off:"
        )
    index = list(names).index(asked) if asked in names else 0
    chosen = (place or st).selectbox(
        "Run", list(names), index=index, format_func=lambda one: names[one], label_visibility="collapsed"
    )
    if chosen != asked:
        url_state.keep_run(chosen)
    title(short(by_id[chosen].name, 60))
    return by_id[chosen]


def title(subject: str) -> None:
    """Names the browser's tab by what is shown, so that five of them can be told apart."""
    st.set_page_config(page_title=f"{subject} · {st.session_state.get('page', 'Barograph')}")


def waiting(run: Run, signals: int) -> None:
    """Looks again each second, while nothing can be shown of a run that goes on, whether it has a new signal."""

    @st.fragment(run_every=TICK if run.state == "running" else None)
    def looking() -> None:
        fresh(run, signals)

    looking()


def fresh(run: Run, signals: int) -> Run:
    """The run as it is now; when it has ended or has a new signal, the whole page is built anew."""
    now = next((one for one in cache.runs() if one.id == run.id), None)
    if now is None or (now.state, now.attempt, len(cache.signals(run.id))) != (run.state, run.attempt, signals):
        st.rerun()
    return now
