"""The head of the Compare page: which runs, in which signal, against which, and its saved views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ....db.records import Run
from ....errors import BarographError
from ....formatting import moment, plain, short
from ...analysis.statistics.configs import differing
from ...services.comparison import tables
from ...services.comparison.compare import common, compare, described
from ...services.comparison.panels import Options
from ...services.comparison.result import Comparison
from ...services.frames import View
from .. import cache, named, run_choice, run_rows, url_state
from ..permission import explained
from ..table import dataframe

MOST = 40  # runs in one comparison
NUMBERS = {
    name: st.column_config.NumberColumn(format=form)
    for name, form in {
        "final": "%.4f", "±": "%.4f", "best": "%.4f", "difference": "%+.4f", "90 % low": "%+.4f", "90 % high": "%+.4f",
        "last step": "localized", "final / peak LR": "percent",
    }.items()
}  # fmt: skip
AXES = ("step", "tokens", "time", "flops", "epoch")
CUT = "Cuts the y-axis above the steep start, so that small differences can be seen."
WAY = "The name of this signal does not say which way is better; until you do, no run is called better."
TARGET = "How soon does each run reach this value? Default: the reference's final value."


def choose(runs: Sequence[Run]) -> list[Run]:
    """The runs to compare: filtered, then picked; both lie in the address."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    where = left.text_input(
        "Filter", key="where", bind="query-params", icon=":material/filter_alt:",
        placeholder=run_rows.EXAMPLE, help=run_rows.HELP,
    )  # fmt: skip
    views(right, "Compare")
    try:
        kept = run_rows.filtered(where)
    except BarographError as error:
        st.warning(plain(str(error), 400), icon=":material/filter_alt_off:")
        kept = list(runs)
    labels = {run.id: f"{short(run.name, 60)} · {run.state} · {moment(run.started)}" for run in runs}
    asked = [name for name in url_state.runs() if name in labels]
    usual = [run.id for run in kept] if where else asked or [run.id for run in kept if not run.archived][:6]
    picked = st.multiselect(
        "Runs", list(labels), usual[:MOST], format_func=lambda one: labels[one], max_selections=MOST,
        key=f"picked:{where}", label_visibility="collapsed", placeholder="Choose runs",
    )  # fmt: skip
    if url_state.runs() or picked != usual[:MOST]:
        url_state.keep_runs(picked)
    if picked:
        run_choice.title(short(", ".join(run.name for run in runs if run.id in picked), 60))
    if len(usual) > MOST:
        st.caption(f"The first {MOST} of {len(usual)} runs that match.")
    by = {run.id: run for run in runs}
    return [by[name] for name in picked]


def controls(runs: Sequence[Run]) -> tuple[dict[str, Any], Options]:
    """What is compared, on which axis, against which run, grouped by what."""
    names = {run.id: short(run.name, 50) for run in runs}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shared = signals(runs)
        called = named.names(cache.signals(runs[0].id), shared)
        signal = named.one("Signal", shared, "signal", called, width=210)
        better = way(runs, signal)
        axis = st.segmented_control("x axis", AXES, default="step", required=True, key="x", bind="query-params")
        held = reference(names)
        single = "single runs"
        key = st.selectbox("Group by", [single, *keys(runs)], key="group", bind="query-params", width=190)
        target = st.number_input(
            "Target", value=None, format="%.4f", key="target", bind="query-params", width=150,
            placeholder="final value", help=TARGET,
        )  # fmt: skip
        with st.container(width="content", gap=None):
            cut = st.toggle("cut start", True, key="close", bind="query-params", help=CUT)
            log_y = st.toggle("log y", key="logy", bind="query-params")
            log_x = st.toggle("log x", key="logx", bind="query-params", disabled=axis == "time")
    half_life = url_state.smoothing() if signal != "val_loss" else 0
    view = View("", axis, log_x=log_x and axis != "time", log_y=log_y, half_life=half_life)
    asked = {"signal": signal, "axis": axis, "reference": held, "target": target, "better": better}
    return asked, Options(view, "" if key == single else key, cut)


def way(runs: Sequence[Run], signal: str) -> str | None:
    """Which way of a signal is better, asked for where neither its description nor its name says so."""
    if any(described(cache.store(), run, signal) != "neither" for run in runs):
        return None
    return st.segmented_control("Better", ("lower", "higher"), key="better", bind="query-params", help=WAY)


def signals(runs: Sequence[Run]) -> list[str]:
    """The signals that all runs have as one series, the usual one first."""
    shared = [name for name, d in cache.signals(runs[0].id).items() if () in d.parts]
    for run in runs[1:]:
        known = cache.signals(run.id)
        shared = [name for name in shared if name in known and () in known[name].parts]
    first = common(cache.store(), runs)
    return sorted(shared, key=lambda name: (name != first, name not in ("loss", "val_loss"), name)) or [first]


def keys(runs: Sequence[Run]) -> list[str]:
    """The keys of the configuration that the runs can be grouped by."""
    found = [key for key in differing([run.config for run in runs]) if key.split(".")[-1] != "name"]
    return list(dict.fromkeys([*(["group"] if any(run.group for run in runs) else []), *found]))


def reference(names: dict[str, str]) -> str:
    """The run that the others are compared with: that of the address, else the first; the address holds its id."""
    asked = st.query_params.get("reference")
    index = list(names).index(asked) if asked in names else 0
    held = st.selectbox("Reference", list(names), index, format_func=lambda one: names[one], width=220)
    if held != (asked or next(iter(names))):
        st.query_params["reference"] = held
    return held


@st.cache_data(show_spinner=False, max_entries=50)
def _compared(stamps: tuple, runs: tuple, asked: tuple) -> Comparison:
    by = {run.id: run for run in cache.runs()}
    return compare(cache.store(), [by[name] for name in runs], **dict(asked))


def compared(runs: Sequence[Run], asked: dict[str, Any]) -> Comparison:
    """The comparison, kept until one of the runs has changed."""
    stamps = tuple((run.attempt, run.last_step, run.state, run.name) for run in runs)
    asked = {**asked, "reference": asked["reference"] or runs[0].id}
    return _compared((cache.path(), *stamps), tuple(run.id for run in runs), tuple(asked.items()))


def table(found: Comparison) -> None:
    """What a reader must know first, and a row a run."""
    for sentence in found.notes:
        st.caption(plain(sentence, 400))
    frame = tables.table(found)
    columns = {name: config for name, config in NUMBERS.items() if name in frame}
    dataframe(frame, hide_index=True, column_config=columns, placeholder="–")


def views(place: DeltaGenerator, page: str) -> None:
    """Saved views of a page: open one, or save what is looked at now."""
    known = {view.name: view for view in cache.views(page)}
    with place.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Saved views", list(known), index=None, placeholder="Saved views", format_func=lambda n: short(n, 60),
            accept_new_options=True, key="view_name", help="Choose one to open it; type a new name to save this view.",
        )  # fmt: skip
        if name in known:
            st.link_button("Open", f"{page}?{known[name].address}", icon=":material/open_in_new:")
            if st.button("Delete", icon=":material/delete:"):
                with explained():
                    cache.drop_view(name)
                    st.rerun()
        elif name and st.button("Save", icon=":material/bookmark_add:", type="primary"):
            with explained():
                cache.save_view(name, page)
                st.rerun()
