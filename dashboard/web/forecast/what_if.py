"""The part of the Forecast page where the future is changed and asked about."""

from __future__ import annotations

import io

import pandas as pd
import streamlit as st

from ....db.records import Run
from ....errors import BarographError
from ....formatting import plain
from ...analysis.forecasting import Schedule
from ...analysis.forecasting.future import AskChoice, AskNumber, Future, GradientNorms, Question, Start, known_futures
from ...analysis.forecasting.futures.knots import piecewise
from ...analysis.forecasting.futures.refined import refined_from
from ...charts.futures import futures
from ...charts.stack import stack
from ...services.learning_rates import gradient_norms
from ...services.pace import pace
from ...services.run_forecast import RunForecast
from .. import cache, url_state
from ..table import dataframe
from . import decisions, scenarios
from .view import loss, loss_name

FORMATS = {
    "final loss": st.column_config.NumberColumn(format="%.4f"),
    "90 % low": st.column_config.NumberColumn(format="%.4f"),
    "90 % high": st.column_config.NumberColumn(format="%.4f"),
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


def change(run: Run, made: RunForecast) -> None:
    """Up to four futures, drawn and compared."""
    forecast = made.forecast
    if not forecast.fits:
        st.info(f"No what-if forecast: {forecast.verdict.value}", icon=":material/query_stats:")
        return
    words = url_state.futures() or scenarios.usual(forecast, made.known_schedule)
    words = words[: scenarios.MOST]
    norms = gradient_norms(cache.store(), run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for i, word in enumerate(words):
            title = plain(scenarios.name(word), 70)
            if st.button(title, icon=":material/close:", key=f"drop:{i}:{word}", help="Remove this schedule."):
                url_state.keep_futures([w for w in words if w != word] or ["keep"])
                st.rerun()
        with st.popover("Add a schedule", icon=":material/add:", disabled=len(words) >= scenarios.MOST):
            asked = ask(made, norms)
            if asked is not None and st.button("Compare", type="primary", key="add"):
                url_state.keep_futures([*words, str(asked)])
                st.rerun()
    found = scenarios.scenarios(forecast, made.known_schedule, words, norms)
    good = [one for one in found if one.forecast is not None]
    if good:
        frames = scenarios.frames(found, decisions.seen(run, made), forecast.at)
        title = loss_name(made).capitalize()
        spec = stack(futures(tuple(one.name for one in good), title))
        st.vega_lite_chart({**spec, "datasets": frames}, key=f"futures:{run.id}:{hash(tuple(words))}", width="stretch")
    for one in found:
        if one.why_not:
            st.caption(f"**{plain(one.name, 80)}**: {plain(one.why_not, 300)}")
    left, _ = st.columns([1, 4])
    price = left.number_input("Cost per hour", 0.0, None, 0.0, 0.5, key="price", bind="query-params")
    if good:
        rows = scenarios.table(found, pace(cache.store(), run, float(price)), forecast.at)
        dataframe(rows.dropna(axis=1, how="all"), hide_index=True, column_config=FORMATS)
    download(run, made, norms, good)


def ask(made: RunForecast, norms: GradientNorms | None) -> Future | None:
    """A new future, one question after another; None while an answer cannot be used."""
    kinds = known_futures()
    name = st.selectbox("Schedule", list(kinds), format_func=lambda key: kinds[key].title, key="new_kind")
    asking = kinds[name].ask(Start(made.known_schedule, made.forecast.at, norms))
    try:
        question = next(asking)
        while True:
            question = asking.send(answered(question, name))
    except StopIteration as done:
        return done.value
    except BarographError as error:
        st.error(plain(str(error), 300))
        return None


def answered(question: Question, kind: str) -> str | float:
    """The answer to one question, asked with the control that fits it."""
    key = f"new:{kind}:{question.title}"
    if isinstance(question, AskChoice):
        return st.selectbox(question.title, question.options, key=key)
    if isinstance(question, AskNumber):
        number = int if question.whole else float
        high = None if question.high is None else number(question.high)
        return st.number_input(question.title, number(question.low), high, number(question.usual), key=key)
    file = st.file_uploader(question.title, type="csv", key=key)
    if file is not None:
        return file.getvalue().decode("utf-8", "replace")
    start = pd.DataFrame(question.knots, columns=["step", "lr"])
    columns = {"lr": st.column_config.NumberColumn(format="%.3g", min_value=0.0)}
    at = f"{key}:{question.knots[0][0]}"
    drawn = st.data_editor(start, num_rows="dynamic", hide_index=True, column_config=columns, key=at)
    return drawn.dropna().to_csv(index=False)


def download(run: Run, made: RunForecast, norms: GradientNorms | None, good: list[scenarios.Scenario]) -> None:
    """Schedules as CSV: the futures drawn, and the refined one for a next run."""
    with st.container(horizontal=True, gap="small"):
        for i, one in enumerate(good):
            if one.schedule is not None:
                name = f"schedule-{i + 1}.csv"
                st.download_button(f"CSV: {plain(one.name, 50)}", csv(one.schedule), name, "text/csv", key=f"csv:{i}")
        if norms is not None:
            try:
                ideal = refined_from(norms, made.known_schedule.peak, made.known_schedule.total)
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


def questions(run: Run, made: RunForecast) -> None:
    """What it would end at if decayed now, what a loss takes, and the best decay for a budget."""
    forecast = made.forecast
    if not forecast.fits:
        st.info(f"No answer: {forecast.verdict.value}", icon=":material/query_stats:")
        return
    taken = pace(cache.store(), run, float(st.session_state.get("price") or 0.0))
    st.markdown(f"**If decayed now**, linearly to 0 over a fifth of the steps so far: {decisions.decayed_now(made)}.")
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    usual = float(loss(0.98 * (forecast.mid or 0.0)))
    wanted = left.number_input("Steps to a loss of", 0.0, None, usual, 0.01, format="%.4f", key=f"target:{run.id}")
    with right:
        for line in decisions.target(made, float(wanted), taken):
            st.markdown(plain(line, 400))
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    least = forecast.at + 2
    usual = max(made.known_schedule.total, least)
    total = left.number_input("Best decay for a total of steps", least, None, usual, key=f"budget:{run.id}")
    sentence, word = decisions.best(made, int(total))
    right.markdown(plain(sentence, 400))
    if right.button("Draw it", key="best", help="Adds it to the what-if schedules."):
        words = url_state.futures() or scenarios.usual(forecast, made.known_schedule)
        url_state.keep_futures([*words[: scenarios.MOST - 1], word])
        st.rerun()


def unborn(run: Run, made: RunForecast, found: list[scenarios.Scenario]) -> None:
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
    spec = stack(futures(tuple(one.name for one in known), loss_name(made).capitalize()))
    frames = scenarios.frames(known, nothing, 0)
    st.vega_lite_chart({**spec, "datasets": frames}, key="unborn", width="stretch")
    rows = scenarios.table(known, pace(cache.store(), run, float(st.session_state.get("price") or 0.0)), 0)
    dataframe(rows.dropna(axis=1, how="all"), hide_index=True, column_config=FORMATS)
    evidence = next(one.forecast.evidence for one in known if one.forecast is not None)
    st.caption(f"From finished runs: {plain(evidence, 300)}. Pace as of the chosen run.")
