"""The parts of the Compare page: the filter, saved views, the sweep, and the view as a file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from ....formatting import number, plain, short
from ...analysis.statistics.configs import differing, flat
from ...analysis.statistics.lr_sensitivity import lr_sensitivity
from ...services import run_table as run_view
from ...services.comparison.compare import common, compare
from ...services.comparison.report import saved
from ...services.comparison.result import Comparison
from ...services.run_filter import matching
from .. import cache as data

COLUMNS = (
    "An SQL condition on id, name, project, state, note, tags, started, hours, steps, steps_planned, attempt, "
    "parameters, tokens, flops, final_loss, best_loss, final_val_loss, best_val_loss, severity (0 to 2) and config_KEY "
    "for each key of the configuration."
)
RATES = ("lr", "learning_rate", "peak_lr", "peak", "max_lr")  # what a configuration calls a learning rate


@st.cache_data(show_spinner=False, max_entries=5000)
def _row(url: str, run: str, written: tuple, _run) -> dict:
    return run_view.row(data.store(), _run)


def rows() -> list[dict]:
    """The view `runs`; a row is made anew only when its run has changed."""
    found = data.runs()
    return [
        _row(data.path(), r.id, (r.attempt, r.last_step, r.state, r.name, r.note, r.tags, r.ended), r) for r in found
    ]


def filtered(where: str) -> list:
    """The runs for which the condition holds, newest first. ValueError names its mistake."""
    runs = data.runs()
    if not where.strip():
        return runs
    kept = set(matching(rows(), where))
    return [run for run in runs if run.id in kept]


def signals(runs: list) -> list[str]:
    """The signals that all runs have as one series, the usual one first."""
    shared = [name for name, d in data.signals(runs[0].id).items() if () in d.parts]
    for run in runs[1:]:
        known = data.signals(run.id)
        shared = [name for name in shared if name in known and () in known[name].parts]
    first = common(data.store(), runs)
    return sorted(shared, key=lambda name: (name != first, name not in ("loss", "val_loss"), name)) or [first]


def keys(runs: list) -> list[str]:
    """The keys of the configuration that the runs can be grouped by."""
    return [key for key in differing([run.config for run in runs]) if key.split(".")[-1] != "name"]


def reference(names: dict[str, str]) -> str:
    """The run that the others are compared with: that of the address, else the first; the address holds its id."""
    asked = st.query_params.get("reference")
    index = list(names).index(asked) if asked in names else 0
    held = st.selectbox("Reference", list(names), index, format_func=names.get, width=220)
    if held != (asked or next(iter(names))):
        st.query_params["reference"] = held
    return held


@st.cache_data(show_spinner=False, max_entries=50)
def _compared(stamps: tuple, runs: tuple, asked: tuple) -> Comparison:
    by = {run.id: run for run in data.runs()}
    return compare(data.store(), [by[name] for name in runs], **dict(asked))


def compared(runs: list, asked: dict) -> Comparison:
    """The comparison, kept until one of the runs has changed."""
    stamps = tuple((run.attempt, run.last_step, run.state, run.name) for run in runs)
    asked = {**asked, "reference": asked["reference"] or runs[0].id}
    return _compared((data.path(), *stamps), tuple(run.id for run in runs), tuple(asked.items()))


def views(place, page: str) -> None:
    """Saved views of a page: open one, or save what is looked at now."""
    known = {view.name: view for view in data.views(page)}
    with place.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Saved views", list(known), index=None, placeholder="saved views", format_func=lambda n: short(n, 60),
            accept_new_options=True, key="view_name", help="choose one to open it; type a new name to save this view",
        )  # fmt: skip
        if name in known:
            st.link_button("Open", f"{page}?{known[name].address}", icon=":material/open_in_new:")
            if st.button("Forget", icon=":material/delete:"):
                data.drop_view(name)
                st.rerun()
        elif name and st.button("Save", icon=":material/bookmark_add:", type="primary"):
            try:
                data.save_view(name, page)
            except data.StoreError as error:
                st.error(plain(str(error), 200))
            else:
                st.rerun()


def sweep(runs: list, signal: str) -> None:
    """How much the end depends on the learning rate, where the runs are a sweep over it."""
    found = {}
    for run in runs:
        config = flat(run.config)
        rate = next(
            (config[k] for k in config if k.split(".")[-1] in RATES and isinstance(config[k], (int, float))), None
        )
        if rate:
            end = run_view.final_value(data.store(), run, signal)
            found.setdefault(float(rate), []).append(np.nan if end is None else end)
    try:
        rates = np.array(sorted(found))
        finals = np.array([np.mean(found[rate]) for rate in rates])
        start = max(_start(run, signal) for run in runs)
        said = lr_sensitivity(rates, finals, start)
    except ValueError as error:
        st.caption(f"No sweep over the learning rate: {plain(str(error), 300)}.")
        return
    st.metric("LR sensitivity", number(said.value), help="mean over the grid of min(final, start) - best, in nats")
    st.caption(
        f"{len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}; best {number(said.best)} at "
        f"{said.best_rate:g}; {said.failed} did not end below the loss at the start. Small: almost any rate will do."
    )
    st.dataframe(pd.DataFrame({"learning rate": rates, "final": finals}), hide_index=True)


def _start(run, signal: str) -> float:
    values = data.store().series(run.id, signal).values[:10]
    values = values[np.isfinite(values)]
    if not len(values):
        raise ValueError(f"{short(run.name, 60)} has no finite {signal} at its start")
    return float(values[0])


def files(found: Comparison, panels: list[dict], frames: dict[str, pd.DataFrame]) -> None:
    """The view as a file, made when it is asked for; and the link that reproduces it is the address itself."""
    st.caption("The address of this page is a link to this very view.")
    kinds = {
        "HTML, interactive": "html",
        "PNG": "png",
        "SVG": "svg",
        "CSV (table)": "csv",
        "Parquet (table)": "parquet",
    }
    kind = kinds[st.segmented_control("As", list(kinds), default="HTML, interactive", required=True, key="kind")]
    if st.button("Make the file", icon=":material/description:"):
        content = saved(found, panels, frames, kind)
        st.download_button("Download", content, f"comparison.{kind}", icon=":material/download:", type="primary")
