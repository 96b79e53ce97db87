"""What happens to every task while training goes on: learned, forgotten, back again."""

import streamlit as st

from barograph.dashboard.web import cache, run_choice
from barograph.dashboard.web.tasks import comparison, panel, view

TICK = 3.0  # seconds between two looks at a running run


def page() -> None:
    runs = run_choice.known_runs()
    if not runs:
        return
    run = run_choice.choose_run(runs)
    signals = cache.signals(run.id)
    if not view.metrics(signals):
        st.info(panel.NOTHING, icon=":material/school:")
        run_choice.waiting(run, len(signals))
        return
    choice = panel.controls(run, signals)

    @st.fragment(run_every=TICK if run.state == "running" else None)
    def moving() -> None:
        panel.charts(run_choice.fresh(run, len(signals)), signals, choice)

    moving()
    panel.close_up(run, choice.metric)
    panel.measures(run, choice.metric)
    panel.inside(run, signals)
    comparison.methods_table(run, runs, choice.metric)


page()
