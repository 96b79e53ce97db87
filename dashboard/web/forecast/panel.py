"""The parts of the Forecast page beside the what-if: the number, plans, laws, past forecasts, several runs."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from ....db.records import Run
from ....errors import BarographError, CannotForecast
from ....formatting import plain, short
from ...charts.residuals import residuals
from ...charts.stack import stack
from ...services.run_forecast import RunForecast
from .. import cache
from ..table import dataframe
from . import decisions, view, what_if
from .cached import forecasts, past_forecasts

SIDE_BY_SIDE = 20  # runs in one table at most
NUMBERS = {
    name: st.column_config.NumberColumn(format=form)
    for name, form in {
        "final loss": "%.4f", "if decayed now": "%.4f", "seen up to": "localized", "forecast": "%.4f",
        "ended at": "%.4f", "90 % low": "%.4g", "90 % high": "%.4g", "value": "%.4g", "error, %": "%.2f",
        "residuals, % (sd)": "%.3f", "log evidence below the best": "%.1f", "made at step": "localized",
        "for step": "localized", "B, steps": "localized",
    }.items()
}  # fmt: skip


def table(frame: pd.DataFrame) -> None:
    columns = {name: config for name, config in NUMBERS.items() if name in frame}
    dataframe(frame, hide_index=True, column_config=columns, placeholder="–")


def headline(made: RunForecast, run: Run, at: int | None) -> None:
    """The forecast in one number with its interval, and what it stands on."""
    forecast = made.forecast
    if forecast.mid is not None:
        left, middle, right = st.columns(3)
        between = f"{view.interval(forecast.low90, forecast.high90)} (90 %)"
        label = f"Forecast for step {forecast.for_step:,}"
        left.metric(label, view.loss(forecast.mid), between, delta_color="off", delta_arrow="off")
        middle.metric("50 % interval", view.interval(forecast.low50, forecast.high50))
        if run.state != "running":
            right.metric(f"Final loss (step {run.last_step or 0:,})", view.loss(made.reached))
    for line in view.sentences(made):
        st.caption(plain(line, 400))
    if at is not None:
        st.caption(
            f"This run has ended. Above is the forecast as of step {at:,}, made with its whole learning rate known; "
            "change the step at the top right."
        )


def plans(run: Run) -> None:
    """Plans for a run whose learning rate to come is not known; the one chosen is saved with the run."""
    found = forecasts().propose(run.id)
    if not found:
        return
    st.header("How does its learning rate go on?", anchor=False)
    names = {plan.shape: f"{plan.shape} (misfit {100 * plan.misfit:.1f} % of the peak)" for plan in found}
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    shape = left.selectbox("Plan", list(names), format_func=lambda one: names[one], key=f"shape:{run.id}")
    chosen = next(plan for plan in found if plan.shape == shape).schedule
    last = run.last_step or 1
    usual = max(chosen.total, last + 1)
    total = middle.number_input("Total steps", last + 1, None, usual, key=f"total:{run.id}:{shape}")
    if right.button("Save with the run", type="primary"):
        try:
            forecasts().confirm(run.id, what_if.ending(chosen, last, int(total)))
        except BarographError as error:
            st.error(plain(str(error), 300))
        else:
            st.rerun()


def laws(run: Run, made: RunForecast) -> None:
    """The laws side by side."""
    if not made.forecast.fits:
        st.caption(made.forecast.verdict.value)
        return
    try:
        finals, values, left, sentence = decisions.laws(run, made)
    except CannotForecast as error:
        st.caption(f"The laws cannot be compared: {plain(str(error), 300)}")
        return
    st.caption(sentence)
    table(finals)
    st.vega_lite_chart({**stack([residuals()]), "datasets": {"residuals": left}}, key="residuals", width="stretch")
    st.caption("Parameters with their 90 % intervals; earlier runs, where there are any, serve as the prior.")
    table(values)


def past(run: Run, made: RunForecast) -> None:
    """How forecasts did: of this run, and of the store."""
    ended = run.state != "running"
    scored = past_forecasts(made, ended)
    st.caption(view.remembered(scored, ended) or "No earlier forecast of this run yet.")
    if scored:
        table(view.history(scored, ended))
    if st.toggle("Score all finished runs of this store", key="score", bind="query-params"):
        with st.spinner("Forecasting each finished run from its first 20 to 90 % …"):
            sentence, rows = decisions.hit_rate()
        st.caption(sentence)
        if len(rows):
            table(rows)


def before(run: Run, made: RunForecast) -> None:
    """A run that has not started, against the finished runs of the same project."""
    st.caption("The final loss that each schedule would give, for the data and the kind of model of the chosen run.")
    size = run.size.get("non_embedding") or run.size.get("total") or 100_000_000
    columns = st.columns(4)
    steps = columns[0].number_input("Steps", 100, 100_000_000, max(run.steps_planned or 10_000, 100))
    usual = made.schedule.peak if made.schedule else 1e-3
    peak = columns[1].number_input("Peak learning rate", 1e-7, 10.0, usual, format="%.2e")
    millions = columns[2].number_input("Parameters, millions", 0.001, 1e6, size / 1e6, format="%.3f")
    warmup = columns[3].number_input("Warm-up steps", 0, int(steps) // 2, min(int(steps) // 20, 500))
    found = decisions.before(run, int(steps), float(peak), 1e6 * float(millions), int(warmup))
    what_if.unborn(run, made, found)


def together(run: Run, made: RunForecast) -> None:
    """Several runs side by side: the forecast of each, and its loss if it were decayed now."""
    names = {one.id: f"{one.name} · {one.state}" for one in cache.runs()}
    running = [one.id for one in cache.runs() if one.state == "running"]
    usual = list(dict.fromkeys([run.id, *running]))[:SIDE_BY_SIDE]
    chosen = st.multiselect(
        "Runs",
        list(names),
        usual,
        format_func=lambda key: short(names[key], 80),
        max_selections=SIDE_BY_SIDE,
        key="set",
    )
    if chosen:
        table(decisions.several([one for one in cache.runs() if one.id in chosen]))
        st.caption(
            "A run whose learning rate has not decayed yet has a higher loss than it will end with: compare runs by "
            "the loss if decayed now."
        )


# One part is computed at a time, and the address holds which.
PARTS: dict[str, Callable[[Run, RunForecast], None]] = {
    "futures": what_if.change,
    "questions": what_if.questions,
    "laws": laws,
    "several runs": together,
    "earlier forecasts": past,
    "before a run starts": before,
}
USUAL = "futures"
TITLES = {"futures": "what-if schedules", "before a run starts": "a run not started"}


def parts(run: Run, made: RunForecast) -> None:
    """The chosen part of the page."""
    asked = st.query_params.get("view")  # a bound control would write its label
    part = st.segmented_control(
        "Part", list(PARTS), default=asked if asked in PARTS else USUAL, required=True, key="part",
        format_func=lambda name: TITLES.get(name, name), label_visibility="collapsed",
    )  # fmt: skip
    if part != (asked or USUAL):
        st.query_params["view"] = part
    try:
        PARTS[part](run, made)
    except BarographError as error:
        st.caption(f"No answer: {plain(str(error), 300)}")
