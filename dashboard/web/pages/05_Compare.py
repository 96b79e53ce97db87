"""Finished runs held against each other: which was better, by how much, was it luck, and why."""

import streamlit as st

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services.comparison.panels import panels, specification
from barograph.dashboard.web import cache, run_choice
from barograph.dashboard.web.compare import panel, tabs
from barograph.errors import BarographError
from barograph.formatting import plain


def page() -> None:
    runs = run_choice.known_runs()
    if not runs:
        return
    picked = panel.choose(runs)
    if len(picked) < 2:
        st.info("Choose at least two runs, or write a condition into the filter.", icon=":material/compare_arrows:")
        return
    asked, shown = panel.controls(picked)
    try:
        found = panel.compared(picked, asked)
    except BarographError as error:
        st.info(plain(str(error), 500), icon=":material/block:")
        return
    panel.table(found)
    look = Look(shown.view.axis, shown.view.log_x, shown.view.log_y)
    try:
        drawn, frames = panels(cache.store(), cache.line, found, shown, look)
    except BarographError as error:
        st.info(f"No chart: {plain(str(error), 300)}", icon=":material/block:")
        return
    spec = specification(drawn, shown.view.axis)
    with st.container(key="curves"):
        key = f"curves:{shown.view.axis}:{shown.group}"
        st.vega_lite_chart({**spec, "datasets": frames}, key=key, width="stretch")
    tabs.draw(picked, found, drawn, frames)


page()
