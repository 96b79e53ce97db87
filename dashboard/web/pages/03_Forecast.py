"""Where a run will end, and what another learning rate would make of it."""

import streamlit as st

from barograph.dashboard.services.run_forecast import RunForecast
from barograph.dashboard.web import run_choice, url_state
from barograph.dashboard.web.forecast import panel
from barograph.dashboard.web.forecast.cached import current, forecasts
from barograph.errors import BarographError
from barograph.formatting import plain

TICK = 3.0  # seconds between two looks at a running run


def page() -> None:
    runs = run_choice.known_runs()
    if not runs:
        return
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    run = run_choice.choose_run(runs, left)
    last, at = run.last_step or 0, None
    if run.state != "running" and last > 20:
        usual = last // 2
        at = int(right.number_input("Forecast as of step", 1, last, url_state.whole("at", usual, 1, last)))
        url_state.keep_whole("at", at, usual)

    def newest() -> RunForecast:
        return current(run) if at is None else forecasts().of(run.id, at=at)

    tick = TICK if run.state == "running" else None
    try:
        made = newest()
    except BarographError:
        made = None

    @st.fragment(run_every=tick)
    def until_there_is_one() -> None:
        try:
            newest()
        except BarographError as error:
            st.info(f"No forecast: {plain(str(error), 300)}", icon=":material/query_stats:")
        else:
            st.rerun()

    if made is None:
        until_there_is_one()
        return

    @st.fragment(run_every=tick)
    def moving() -> None:
        panel.headline(newest(), run, at)

    moving()
    if made.guessed:
        panel.plans(run)
    panel.parts(run, made)


page()
