"""Finished runs held against each other: which was better, by how much, was it luck, and why."""

import streamlit as st

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services.comparison.panels import Options, panels, specification
from barograph.dashboard.services.comparison.tables import differences, table
from barograph.dashboard.services.frames import AUTO, View
from barograph.dashboard.web import cache as data
from barograph.dashboard.web import url_state as selection
from barograph.dashboard.web.compare import panel as compare_panel
from barograph.dashboard.web.forecast import decisions
from barograph.formatting import moment, plain, short

MOST = 40  # runs in one comparison
AXES = ("step", "tokens", "time", "flops", "epoch")
CLOSE = "draws the curves without the steep beginning, so that what they differ in can be seen"
NUMBERS = {
    name: st.column_config.NumberColumn(format=form)
    for name, form in {
        "final": "%.4f", "±": "%.4f", "best": "%.4f", "difference": "%+.4f", "90 % from": "%+.4f", "90 % to": "%+.4f",
        "last step": "localized", "final / peak LR": "percent",
    }.items()
}  # fmt: skip


def chosen(runs: list) -> list:
    """The runs to compare: filtered by a condition, then picked; both lie in the address."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    where = left.text_input(
        "Filter", key="where", bind="query-params", icon=":material/filter_alt:",
        placeholder="final_loss < 3 and config_lr >= 1e-3", help=compare_panel.COLUMNS,
    )  # fmt: skip
    compare_panel.views(right, "Compare")
    try:
        kept = compare_panel.filtered(where)
    except ValueError as error:
        st.warning(plain(str(error), 400), icon=":material/filter_alt_off:")
        kept = runs
    labels = {run.id: f"{short(run.name, 60)} · {run.state} · {moment(run.started)}" for run in runs}
    asked = [name for name in selection.runs() if name in labels]
    usual = [run.id for run in kept] if where else asked or [run.id for run in kept[:6]]
    picked = st.multiselect(
        "Runs", list(labels), usual[:MOST], format_func=labels.get, max_selections=MOST, key=f"picked:{where}",
        label_visibility="collapsed", placeholder="choose runs",
    )  # fmt: skip
    selection.keep_runs(picked)
    if len(usual) > MOST:
        st.caption(f"The first {MOST} of {len(usual)} runs that match.")
    by = {run.id: run for run in runs}
    return [by[name] for name in picked]


def controls(runs: list) -> tuple[dict, Options]:
    """What is compared, on which axis, against which run, grouped by what."""
    signals = compare_panel.signals(runs)
    names = {run.id: short(run.name, 50) for run in runs}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        signal = st.selectbox("Signal", signals, key="signal", bind="query-params", width=190)
        axis = st.segmented_control("x axis", AXES, default="step", required=True, key="x", bind="query-params")
        held = compare_panel.reference(names)
        keys = ["single runs", *compare_panel.keys(runs)]
        key = st.selectbox("Group by", keys, key="group", bind="query-params", width=190)
        target = st.number_input(
            "Target", value=None, format="%.4f", key="target", bind="query-params", width=150, placeholder="its end",
            help="how soon does each run reach this value? Default: where the reference ended",
        )  # fmt: skip
        with st.container(width="content", gap=None):
            close = st.toggle("close-up", True, key="close", bind="query-params", help=CLOSE)
            log_y = st.toggle("log y", key="logy", bind="query-params")
            log_x = st.toggle("log x", key="logx", bind="query-params", disabled=axis == "time")
    view = View("", axis, log_x=log_x and axis != "time", log_y=log_y, half_life=AUTO if signal != "val_loss" else 0)
    asked = {"signal": signal, "axis": axis, "reference": held, "target": target}
    return asked, Options(view, "" if key == keys[0] else key, close)


def page() -> None:
    runs = selection.known_runs()
    if not runs:
        return
    picked = chosen(runs)
    if len(picked) < 2:
        st.info("Choose at least two runs, or write a condition into the filter.", icon=":material/compare_arrows:")
        return
    asked, shown = controls(picked)
    try:
        found = compare_panel.compared(picked, asked)
    except ValueError as error:
        st.info(plain(str(error), 500), icon=":material/block:")
        return
    for sentence in found.notes:
        st.caption(plain(sentence, 400))
    rows = table(found)
    st.dataframe(rows, hide_index=True, column_config={k: v for k, v in NUMBERS.items() if k in rows})
    view = shown.view
    look = Look(view.axis, view.log_x, view.log_y)
    try:
        drawn, frames = panels(data.store(), data.line, found, shown, look)
    except ValueError as error:
        st.info(f"No chart: {plain(str(error), 300)}", icon=":material/block:")
        return
    spec = specification(drawn, view.axis)
    with st.container(key="curves"):
        st.vega_lite_chart({**spec, "datasets": frames}, key=f"compare:{view.axis}:{shown.group}", width="stretch")
    names = ["Configurations", "If decayed now", "Fitted coefficients", "Learning-rate sweep", "Save as"]
    differ, decayed, fitted, sweep, files = st.tabs(names)
    with differ:
        words = st.text_input("Search keys and values", key="words", placeholder="lr, width, 0.1 …")
        rows = differences(found, words)
        if len(rows):
            st.dataframe(rows, hide_index=True)
        else:
            st.caption("The configurations do not differ." if not found.config else "No key matches.")
    with decayed:
        if st.toggle("Forecast each run's loss if its learning rate were decayed now", key="decayed"):
            st.dataframe(decisions.several(picked[:20]), hide_index=True)
        st.caption("A run in its stable phase looks worse than it is: compare runs by what a decay now would give.")
    with fitted:
        if st.toggle("Fit each run's loss as L0 + (B / step)^a", key="fitted"):
            st.dataframe(decisions.coefficients(picked[:20]), hide_index=True)
        st.caption(
            "A smaller B is a faster run at any loss, a larger a one that gains on the others; L0 is where it goes."
        )
    with sweep:
        compare_panel.sweep(picked, asked["signal"])
    with files:
        compare_panel.files(found, drawn, frames)


page()
