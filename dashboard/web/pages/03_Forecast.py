"""Where a run will end, and what another learning rate would make of it."""

import streamlit as st

from barograph.dashboard.charts.residuals import residuals
from barograph.dashboard.charts.stack import stack
from barograph.dashboard.web import cache as data
from barograph.dashboard.web import url_state as selection
from barograph.dashboard.web.forecast import decisions
from barograph.dashboard.web.forecast import panel as futures_panel
from barograph.dashboard.web.forecast import view as foresight
from barograph.formatting import plain

SIDE_BY_SIDE = 20  # runs in one table at most
TICK = 3.0  # seconds between two looks at a running run
NUMBERS = {
    "final loss": st.column_config.NumberColumn(format="%.4f"),
    "if decayed now": st.column_config.NumberColumn(format="%.4f"),
    "seen up to": st.column_config.NumberColumn(format="localized"),
    "forecast": st.column_config.NumberColumn(format="%.4f"),
    "ended at": st.column_config.NumberColumn(format="%.4f"),
    "90 % from": st.column_config.NumberColumn(format="%.4g"),
    "90 % to": st.column_config.NumberColumn(format="%.4g"),
    "value": st.column_config.NumberColumn(format="%.4g"),
    "error, %": st.column_config.NumberColumn(format="%.2f"),
    "residuals, % (sd)": st.column_config.NumberColumn(format="%.3f"),
    "log evidence below the best": st.column_config.NumberColumn(format="%.1f"),
    "made at step": st.column_config.NumberColumn(format="localized"),
    "for step": st.column_config.NumberColumn(format="localized"),
}


def table(frame) -> None:
    st.dataframe(frame, hide_index=True, column_config={k: v for k, v in NUMBERS.items() if k in frame})


def headline(made, run, at: int | None) -> None:
    """The forecast in one number with its interval, and what it stands on."""
    said = made.forecast
    if said.mid is not None:
        left, middle, right = st.columns(3)
        between = f"{foresight.interval(said.low90, said.high90)} (90 %)"
        label = f"Forecast for step {said.for_step:,}"
        left.metric(label, foresight.loss(said.mid), between, delta_color="off", delta_arrow="off")
        half = f"{foresight.interval(said.low50, said.high50)}"
        middle.metric("50 % interval", half)
        if run.state != "running":
            right.metric(f"Ended at (step {run.last_step or 0:,})", foresight.loss(made.reached))
    for line in foresight.sentences(made):
        st.caption(plain(line, 400))
    if at is not None:
        st.caption(f"This run has ended; this is what would have been said at step {at:,}, its learning rate known.")


def plans(run) -> None:
    """Plans for a run whose learning rate to come is not known; the one chosen is saved with the run."""
    found = foresight.outlooks().propose(run.id)
    if not found:
        return
    st.subheader("How does its learning rate go on?", anchor=False)
    names = {plan.shape: f"{plan.shape} (misfit {100 * plan.misfit:.1f} % of the peak)" for plan in found}
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    shape = left.selectbox("Plan", list(names), format_func=names.get, key=f"shape:{run.id}")
    chosen = next(plan for plan in found if plan.shape == shape).schedule
    last = run.last_step or 1
    usual = max(chosen.total, last + 1)
    total = middle.number_input("Total steps", last + 1, None, usual, key=f"total:{run.id}:{shape}")
    if right.button("Save with the run", type="primary"):
        try:
            foresight.outlooks().confirm(run.id, futures_panel.ending(chosen, last, int(total)))
        except ValueError as error:
            st.error(plain(str(error), 300))
        else:
            st.rerun()


def laws(run, made) -> None:
    """The laws side by side."""
    if not made.forecast.fits:
        st.caption(made.forecast.verdict.value)
        return
    try:
        finals, values, left, told = decisions.laws(run, made)
    except ValueError as error:
        st.caption(f"The laws cannot be compared: {plain(str(error), 300)}")
        return
    st.caption(told)
    table(finals)
    st.vega_lite_chart({**stack([residuals()]), "datasets": {"residuals": left}}, key="residuals", width="stretch")
    st.caption("Parameters with their 90 % intervals, under the prior of earlier runs where there is one.")
    table(values)


def past(run, made) -> None:
    """How forecasts did: of this run, and of the store."""
    ended = run.state != "running"
    scored = foresight.said_before(made, ended)
    st.caption(foresight.remembered(scored, ended) or "No earlier forecast of this run yet.")
    if scored:
        table(foresight.history(scored, ended))
    if st.toggle("Score all finished runs of this store", key="score", bind="query-params"):
        with st.spinner("Forecasting each finished run from its first 20 to 90 % …"):
            told, rows = decisions.hit_rate()
        st.caption(told)
        if len(rows):
            table(rows)


def before(run, made) -> None:
    """A run that has not started, against the finished runs of the same project."""
    st.caption("What each shape of schedule would give on the data and model family of the chosen run.")
    size = run.size.get("non_embedding") or run.size.get("total") or 100_000_000
    columns = st.columns(4)
    steps = columns[0].number_input("Steps", 100, 100_000_000, max(run.steps_planned or 10_000, 100))
    usual = made.schedule.peak if made.schedule else 1e-3
    peak = columns[1].number_input("Peak learning rate", 1e-7, 10.0, usual, format="%.2e")
    size = columns[2].number_input("Parameters, millions", 0.001, 1e6, size / 1e6, format="%.3f")
    warmup = columns[3].number_input("Warm-up steps", 0, int(steps) // 2, min(int(steps) // 20, 500))
    found = decisions.before(run, int(steps), float(peak), 1e6 * float(size), int(warmup))
    futures_panel.unborn(run, made, found)


def together(run, made) -> None:
    """Several runs side by side: the forecast of each, and its loss if it were decayed now."""
    names = {one.id: f"{one.name} · {one.state}" for one in data.runs()}
    running = [one.id for one in data.runs() if one.state == "running"]
    usual = list(dict.fromkeys([run.id, *running]))[:SIDE_BY_SIDE]
    chosen = st.multiselect(
        "Runs",
        list(names),
        usual,
        format_func=lambda key: plain(names[key], 80),
        max_selections=SIDE_BY_SIDE,
        key="set",
    )
    if chosen:
        table(decisions.several([one for one in data.runs() if one.id in chosen]))
        st.caption("A run in its stable phase looks worse than it is: compare runs by what a decay now would give.")


# One part is computed at a time, and the address holds which.
PARTS = {
    "futures": futures_panel.change,
    "questions": futures_panel.questions,
    "laws": laws,
    "several runs": together,
    "earlier forecasts": past,
    "before a run starts": before,
}


def page() -> None:
    runs = selection.known_runs()
    if not runs:
        return
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    run = selection.choose_run(runs, left)
    last, at = run.last_step or 0, None
    if run.state != "running" and last > 20:
        usual = last // 2
        at = right.number_input("Seen up to step", 1, last, selection.whole("at", usual, 1, last))
        selection.keep_whole("at", int(at), usual)

    def newest():
        return foresight.outlook(run) if at is None else foresight.outlooks().of(run.id, at=int(at))

    try:
        made = newest()
    except ValueError as error:
        st.info(f"No forecast: {plain(str(error), 300)}", icon=":material/query_stats:")
        return

    @st.fragment(run_every=TICK if run.state == "running" else None)
    def moving() -> None:
        headline(newest(), run, at)

    moving()
    if made.schedule is None:
        plans(run)
    view = st.segmented_control(
        "Part",
        list(PARTS),
        default="futures",
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    try:
        PARTS[view](run, made)
    except ValueError as error:
        st.caption(f"No answer: {plain(str(error), 300)}")


page()
