"""What is known of a run beside its charts: forecasts, configuration, provenance, events, attempts, signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ....db.records import Description, Run
from ....errors import BarographError
from .. import cache
from ..forecast.cached import current, past_forecasts
from ..forecast.view import history, remembered
from ..table import dataframe
from . import view


def details(run: Run, signals: Mapping[str, Description]) -> None:
    names = ["Forecasts", "Configuration", "Provenance", "Events", "Attempts", "Signals"]
    forecasts, config, provenance, events, attempts, recorded = st.tabs(names)
    with forecasts:
        _forecasts(run)
    with config:
        _table(view.pairs(run.config), "This run has no configuration; pass `config=vars(args)` to `watch`.")
    with provenance:
        _table(view.pairs(view.provenance(run)), "Nothing known.")
    with events:
        _table(view.events(cache.all_events(run.id)), "No events yet; `run.event(...)` adds one.")
    with attempts:
        dataframe(view.attempts(cache.attempts(run.id)), hide_index=True)
    with recorded:
        _table(view.recorded(signals), "No signal recorded yet.")


def _forecasts(run: Run) -> None:
    """How the forecasts of this run did, and the way to ask what another schedule would give."""
    try:
        made = current(run)
    except BarographError as error:
        st.caption(f"No forecast: {error}")
        return
    ended = run.state != "running"
    scored = past_forecasts(made, ended)
    sentence = remembered(scored, ended)
    st.caption(sentence or "No earlier forecast of this run; forecasts are kept as made and scored at its end.")
    if scored:
        dataframe(history(scored, ended), hide_index=True)
    st.page_link(
        "pages/03_Forecast.py", label="What-if forecast", icon=":material/timeline:", query_params={"run": run.id}
    )


def _table(rows: Sequence[dict[str, Any]], otherwise: str) -> None:
    if rows:
        dataframe(rows, hide_index=True)
    else:
        st.caption(otherwise)
