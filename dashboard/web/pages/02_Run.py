"""One run, live: how far, how fast, and every signal on one axis."""

import streamlit as st

from barograph.dashboard.web import cache, run_choice
from barograph.dashboard.web.health import verdict
from barograph.dashboard.web.run import panel
from barograph.dashboard.web.run.details import details


def page() -> None:
    runs = run_choice.known_runs()
    if not runs:
        return
    run = panel.choose(runs)
    signals = cache.signals(run.id)
    tick = run_choice.TICK if run.state == "running" else None

    @st.fragment(run_every=tick)
    def numbers() -> None:
        panel.header(run_choice.fresh(run, len(signals)))

    numbers()
    if not signals:
        st.info("This run has not recorded anything yet.", icon=":material/hourglass_empty:")
    else:
        verdict.ticking(run, len(signals), verdict.line)
        view, choice = panel.controls(run, signals)

        @st.fragment(run_every=tick)
        def moving() -> None:
            panel.charts(run_choice.fresh(run, len(signals)), view, cache.signals(run.id), choice)

        moving()
    details(run, signals)


page()
