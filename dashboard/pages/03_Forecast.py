"""Where a run will end, and what another learning rate would make of it."""

import streamlit as st

from dashboard import data, foresight, selection
from dashboard.words import number, plain


def page() -> None:
    try:
        runs = data.runs()
    except data.StoreError as error:
        st.error(str(error), icon=":material/database_off:")
        return
    if not runs:
        st.info("No run yet. The page *Runs* shows how to start one.", icon=":material/hourglass_empty:")
        return
    run = selection.choose_run(runs, st)
    try:
        made = foresight.outlook(run)
    except ValueError as error:
        st.info(f"No forecast: {plain(str(error), 300)}", icon=":material/query_stats:")
        return
    said = made.forecast
    if said.mid is not None:
        between = f"{foresight.interval(said.low90, said.high90)} (90 %)"
        st.metric(f"Forecast for step {said.for_step:,}", number(said.mid), between, delta_color="off", delta_arrow="off")
    for line in foresight.sentences(made):
        st.caption(plain(line, 400))


page()
