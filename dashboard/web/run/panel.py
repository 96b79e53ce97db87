"""The head of the Run page, its controls and its charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from ....db.records import Description, Run
from ....errors import BarographError
from ....formatting import plain
from ...charts.look import Look
from ...services.frames import View
from ...services.run_forecast import RunForecast
from .. import cache, named, theme, url_state
from ..forecast.cached import current
from ..forecast.view import interval, loss, sentences
from ..permission import explained
from ..run_choice import choose_run
from ..zoom import Zoom
from . import view
from .drawing import Choice, drawing

AHEAD = "Draws the forecast of the loss and the planned learning rate to the planned end."
OLD = "Draws what earlier attempts recorded beyond the step that a restart went back to."
CLOSE = "Cuts the y-axis above the steep start of the loss when the whole run is shown."
SMOOTHING = "Half-life in steps, for display only; auto is 0.5 % of what is shown."


def choose(runs: Sequence[Run]) -> Run:
    """The run of the address, else the newest; with a button to stop it."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    run = choose_run(runs, left)
    with right:
        if run.state == "running" and st.button(
            "Stop run", icon=":material/stop:", width="stretch", help="Asks the training process to end."
        ):
            with explained():
                cache.request_stop(run.id)
                st.toast("Asked the run to stop; it ends at its next check.")
    return run


def _forecast(run: Run) -> tuple[RunForecast | None, str]:
    """The run's forecast, and why there is none."""
    try:
        return current(run), ""
    except BarographError as error:
        return None, f"No forecast: {error}"


def header(run: Run) -> None:
    """State and the numbers one looks for first."""
    now = cache.progress(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(run.state, icon=f":material/{theme.STATE_ICONS[run.state]}:", color=theme.STATES[run.state])
        st.caption(" · ".join(plain(fact, 80) for fact in view.facts(run)))
    if run.problem:
        st.warning(plain(run.problem, 400), icon=":material/warning:")
    if run.note:
        st.caption(plain(run.note, 400))
    latest = {name: value for name, (_, value) in now.latest.items() if isinstance(name, str)}
    if math.isfinite(latest.get("loss", math.nan)):  # a single batch is noise, but one that is not a number is news
        latest["loss"] = cache.settled(run)
    cells = view.numbers(run, now.planned, now.elapsed, now.left, latest)
    made, why_not = _forecast(run) if run.state == "running" else (None, "")
    forecast = made.forecast if made and made.forecast.mid is not None else None
    columns = st.columns([1.0] * len(cells) + ([1.7] if forecast else []))
    for column, (label, value) in zip(columns, cells.items(), strict=False):
        column.metric(label, value, help=view.MEANING.get(label))
    if forecast:
        between = f"{interval(forecast.low90, forecast.high90)} (90 %)"
        label = f"Forecast for step {forecast.for_step:,}"
        columns[-1].metric(label, loss(forecast.mid), between, delta_color="off", delta_arrow="off")
    if now.fraction is not None:
        st.progress(now.fraction)
    if run.state == "running":
        st.caption(" ".join(plain(line, 400) for line in (sentences(made) if made else [why_not])))
        if made and made.schedule is None:
            st.page_link(
                "pages/03_Forecast.py", label="Choose a plan", icon=":material/timeline:", query_params={"run": run.id}
            )


def controls(run: Run, signals: Mapping[str, Description]) -> tuple[View, Choice]:
    """What is drawn and how; each control writes itself into the address (as it is labelled, so labels are names)."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        options = [axis for axis, why_not in cache.axes(run.id).items() if not why_not]
        axis = st.segmented_control("x axis", options, default="step", required=True, key="x", bind="query-params")
        st.selectbox("Smoothing", list(url_state.SMOOTH), key="smooth", bind="query-params", width=110, help=SMOOTHING)
        maps, more = view.mapped(signals), view.others(signals)
        called = named.names(signals, [*maps, *more])
        heat_map = named.one("Heat map", maps, "heat", called, width=230) if maps else None
        extra = named.several("More signals", more, "signals", called, width=270) if more else []
        with st.container(width="content", gap=None):
            log_y = st.toggle("log y", key="logy", bind="query-params")
            log_x = st.toggle("log x", key="logx", bind="query-params", disabled=axis == "time")
        with st.container(width="content", gap=None):
            ahead = st.toggle("forecast", True, key="forecast", bind="query-params", help=AHEAD)
            close = st.toggle("cut start", True, key="close", bind="query-params", help=CLOSE, disabled=not ahead)
        with st.container(width="content", gap=None):
            old = bool(run.attempt) and st.toggle("abandoned", key="old", bind="query-params", help=OLD)
    span = url_state.steps()
    shown = View(run.id, axis, span.lo, span.hi, log_x and axis != "time", log_y, url_state.smoothing(), old)
    return shown, Choice(extra, heat_map, ahead, close)


def charts(run: Run, shown: View, signals: Mapping[str, Description], choice: Choice) -> None:
    """Draws the panels and listens to the zoom."""
    zoom = Zoom(run, shown, "charts")
    look = zoom.look("charts", Look(shown.axis, shown.log_x, shown.log_y))
    made = _forecast(run)[0] if choice.forecast else None
    choice = replace(choice, close_up=choice.close_up and not zoom.span and not shown.log_x)
    out = drawing(run, zoom.view, look, signals, choice, made)
    if out.panels:
        zoom.bar()
        zoom.draw("charts", out.panels, out.frames)
    for sentence in (*out.notes, *view.crowded(cache.crowded(run.id))):
        st.caption(plain(sentence, 300))
