"""What is wrong with a run, since when, where, and what to do about it."""

import streamlit as st

from barograph.dashboard.web import cache, run_choice
from barograph.dashboard.web.health import panel, verdict


def page() -> None:
    runs = run_choice.known_runs()
    if not runs:
        return
    run = run_choice.choose_run(runs)
    signals = cache.signals(run.id)
    if not signals:
        st.info(run.problem or "This run has not recorded anything yet.", icon=":material/hourglass_empty:")
        run_choice.waiting(run, 0)
        return
    verdict.ticking(run, len(signals), panel.body)
    panel.try_alerts()


page()
