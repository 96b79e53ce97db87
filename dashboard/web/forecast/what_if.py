"""The part of the Forecast page where the future is changed and asked about."""

from __future__ import annotations

import io

import pandas as pd
import streamlit as st

from ....errors import BarographError
from ....formatting import plain
from ...analysis.forecasting import Schedule
from ...analysis.forecasting.futures import piecewise
from ...charts.futures import futures as drawing
from ...charts.stack import stack
from .. import url_state
from . import decisions, scenarios
from .view import loss, loss_name

FORMATS = {
    "final loss": st.column_config.NumberColumn(format="%.4f"),
    "90 % from": st.column_config.NumberColumn(format="%.4f"),
    "90 % to": st.column_config.NumberColumn(format="%.4f"),
    "steps": st.column_config.NumberColumn(format="localized"),
    "cost to go": st.column_config.NumberColumn(format="%.2f"),
}


def ending(schedule: Schedule, at: int, total: int) -> Schedule:
    """A proposed plan with its end moved to `total`: what lies after `at` is stretched or squeezed."""
    if schedule.total == total or schedule.total <= at:
        return schedule
    later = schedule.steps > at
    steps = at + (schedule.steps[later] - at) * (total - at) / (schedule.total - at)
    return piecewise(schedule, at, steps, schedule.lr[later])


def change(run, made) -> None:
    """Up to four futures, drawn and compared."""
    said = made.forecast
    if not said.fits:
        st.info(f"No what-if forecast: {said.verdict.value}", icon=":material/query_stats:")
        return
    words = url_state.futures() or scenarios.usual(said, made.schedule)
    words = words[: scenarios.MOST]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for i, word in enumerate(words):
            title = plain(scenarios.name(word), 70)
            if st.button(title, icon=":material/close:", key=f"drop:{i}:{word}", help="Remove this schedule."):
                url_state.keep_futures([w for w in words if w != word] or ["keep"])
                st.rerun()
        with st.popover("Add a schedule", icon=":material/add:", disabled=len(words) >= scenarios.MOST):
            word = ask(run, made)
            if word and st.button("Compare", type="primary", key="add"):
                url_state.keep_futures([*words, word])
                st.rerun()
    norms = decisions.norms(run)
    found = scenarios.futures(said, made.schedule, words, norms)
    good = [one for one in found if one.forecast is not None]
    if good:
        frames = scenarios.frames(found, decisions.seen(run, made), said.at)
        title = loss_name(made).capitalize()
        spec = stack(drawing(tuple(one.name for one in good), title))
        st.vega_lite_chart({**spec, "datasets": frames}, key=f"futures:{run.id}:{hash(tuple(words))}", width="stretch")
    for one in found:
        if one.why_not:
            st.caption(f"**{plain(one.name, 80)}**: {plain(one.why_not, 300)}")
    left, _ = st.columns([1, 4])
    price = left.number_input("Cost per hour", 0.0, None, 0.0, 0.5, key="price", bind="query-params")
    if good:
        rows = scenarios.table(found, decisions.pace(run, float(price)), said.at)
        st.dataframe(rows.dropna(axis=1, how="all"), hide_index=True, column_config=FORMATS)
    download(run, made, norms, good)


def ask(run, made) -> str | None:
    """The word of a new future."""
    at, schedule = made.forecast.at, made.schedule
    kind = st.selectbox("Schedule", list(scenarios.KINDS), format_func=scenarios.KINDS.get, key="new_kind")
    least, on = at + 3, max(int(1.5 * schedule.total), at + 3)
    if kind == "decay":
        shape = st.selectbox("Shape", scenarios.SHAPES, key="new_shape")
        over = st.number_input("Over steps", 1, None, max(at // 5, 1), key="new_over")
        to = st.number_input("Down to (share of the peak)", 0.0, 1.0, 0.1 if shape == "inverse" else 0.0, key="new_to")
        return f"decay,{shape},{int(over)},{to:g}"
    if kind == "hold":
        shape = st.selectbox("Shape", scenarios.SHAPES, key="new_shape")
        end = st.number_input("Total steps", least, None, on, key="new_end")
        over = st.number_input("Decay over the last", 1, int(end) - at, max((int(end) - at) // 5, 1), key="new_over")
        return f"hold,{shape},{int(end)},{int(over)}"
    if kind == "extend":
        return f"extend,{int(st.number_input('Total steps', least, None, on, key='new_end'))}"
    if kind == "scale":
        return f"scale,{st.number_input('Times the learning rate', 0.01, 100.0, 0.5, key='new_factor'):g}"
    if kind == "cycles":
        n = st.number_input("Cycles", 1, 20, 3, key="new_n")
        end = st.number_input("Total steps", at + 3 * int(n) + 3, None, on, key="new_end")
        share = st.number_input("Share of a cycle that decays", 0.02, 0.9, 0.1, key="new_share")
        return f"cycles,{int(n)},{int(end)},{share:g}"
    return knots(made) if kind == "knots" else kind


def knots(made) -> str | None:
    """A schedule drawn as knots in a table, or uploaded as CSV."""
    at, schedule = made.forecast.at, made.schedule
    file = st.file_uploader("CSV with columns step,lr", type="csv", key="new_csv")
    if file is None:
        now = float(schedule.eta[min(at, schedule.total) - 1])
        end = max(schedule.total, at + 10)
        start = pd.DataFrame({"step": [(at + end) // 2, end], "lr": [now, 0.0]})
        lr = st.column_config.NumberColumn(format="%.3g", min_value=0.0)
        columns = {"lr": lr}
        drawn = st.data_editor(start, num_rows="dynamic", hide_index=True, column_config=columns, key=f"new_knots:{at}")
        text = drawn.dropna().to_csv(index=False)
    else:
        text = file.getvalue().decode("utf-8", "replace")
    try:
        return scenarios.knots(text)
    except BarographError as error:
        st.error(plain(str(error), 300))
        return None


def download(run, made, norms, good) -> None:
    """Schedules as CSV: the futures drawn, and the refined one for a next run."""
    with st.container(horizontal=True, gap="small"):
        for i, one in enumerate(good):
            st.download_button(
                f"CSV: {plain(one.name, 50)}", csv(one.schedule), f"schedule-{i + 1}.csv", "text/csv", key=f"csv:{i}"
            )
        if norms is not None:
            try:
                ideal = scenarios.refine(norms, made.schedule.peak, made.schedule.total)
            except BarographError as error:
                st.caption(f"No refined schedule: {plain(str(error), 200)}")
            else:
                label = "CSV: refined, for a next run"
                st.download_button(label, csv(ideal), "refined.csv", "text/csv", key="csv:refined")
    st.caption(
        "The refined schedule is the one that this run's gradient norms suggest for the next run of its kind."
        if norms is not None
        else "This run recorded no gradient norms, so no refined schedule can be made from it."
    )


def csv(schedule: Schedule) -> str:
    out = io.StringIO()
    pd.DataFrame({"step": schedule.steps.astype(int), "lr": schedule.lr}).to_csv(out, index=False, float_format="%.8g")
    return out.getvalue()


def questions(run, made) -> None:
    """What it would end at if decayed now, what a loss takes, and the best decay for a budget."""
    said = made.forecast
    if not said.fits:
        st.info(f"No answer: {said.verdict.value}", icon=":material/query_stats:")
        return
    pace = decisions.pace(run, float(st.session_state.get("price") or 0.0))
    st.markdown(f"**If decayed now**, linearly to 0 over a fifth of the steps so far: {decisions.decayed_now(made)}.")
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    usual = float(loss(0.98 * said.mid))
    wanted = left.number_input("Steps to a loss of", 0.0, None, usual, 0.01, format="%.4f", key=f"target:{run.id}")
    with right:
        for line in decisions.target(made, float(wanted), pace):
            st.markdown(plain(line, 400))
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    least = said.at + 2
    usual = max(made.schedule.total, least)
    total = left.number_input("Best decay for a total of steps", least, None, usual, key=f"budget:{run.id}")
    told, word = decisions.best(made, int(total))
    right.markdown(plain(told, 400))
    if right.button("Draw it", key="best", help="Adds it to the what-if schedules."):
        words = url_state.futures() or scenarios.usual(said, made.schedule)
        url_state.keep_futures([*words[: scenarios.MOST - 1], word])
        st.rerun()


def unborn(run, made, found: list[scenarios.Future]) -> None:
    """Runs that have not started, drawn and compared."""
    known = [one for one in found if one.forecast is not None]
    if not known:
        st.info(
            "No finished run of this project in the store: the level of the loss on your data is unknown, so there is "
            "no number. Runs on other data only say which schedule ends lower, not where.",
            icon=":material/library_add:",
        )
        return
    nothing = pd.DataFrame({"step": [], "loss": []})
    spec = stack(drawing(tuple(one.name for one in known), loss_name(made).capitalize()))
    frames = scenarios.frames(known, nothing, 0)
    st.vega_lite_chart({**spec, "datasets": frames}, key="unborn", width="stretch")
    rows = scenarios.table(known, decisions.pace(run, float(st.session_state.get("price") or 0.0)), 0)
    st.dataframe(rows.dropna(axis=1, how="all"), hide_index=True, column_config=FORMATS)
    st.caption(f"From finished runs: {plain(known[0].forecast.evidence, 300)}. Pace as of the chosen run.")
