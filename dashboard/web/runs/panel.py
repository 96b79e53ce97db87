"""The table of all runs, what can be done with the ticked ones, and what to do where there are none."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import streamlit as st

from ....db.records import Run
from ....errors import InvalidInput, StoreError
from ....formatting import plain
from .. import cache, run_rows, theme, url_state
from ..run.view import MEANING
from ..table import dataframe
from . import actions, edits, view

EXAMPLE = """from barograph import watch

with watch(model, optimizer, scheduler=scheduler, total_steps=10_000,
           store="runs.db", name="my run", config=vars(args)) as run:
    for batch in loader:
        loss = model(batch)
        loss.backward()
        optimizer.step(); scheduler.step(); optimizer.zero_grad()
        run.log(loss=loss, tokens=batch.numel())"""
COLUMNS = {
    "Run": st.column_config.TextColumn(width="medium"),
    "State": st.column_config.MultiselectColumn(
        options=list(theme.STATES), color=list(theme.STATES.values()), width=95
    ),
    "Health": st.column_config.MultiselectColumn(
        options=list(view.HEALTH), color=[theme.TONES[tone] for tone in view.HEALTH], width=80,
        help="The worst that was found and is no false alarm",
    ),
    "Progress": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width=110),
    "Step": st.column_config.NumberColumn(format="localized", width=90),
    "Loss": st.column_config.NumberColumn(format="%.4f", width=85, help=MEANING["Loss"]),
    "Validation loss": st.column_config.NumberColumn(format="%.4f", width=110, help="Mean of the last 3"),
    "Best loss": st.column_config.NumberColumn(format="%.4f"),
    "Best validation loss": st.column_config.NumberColumn(format="%.4f"),
    "Loss curve": st.column_config.LineChartColumn(width=130, color="primary"),
    "Started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", width=140),
    "Duration": st.column_config.TextColumn(width=80, help="Hours and minutes", alignment="right"),
    "Parameters": st.column_config.NumberColumn(format="compact"),
    "Tokens": st.column_config.NumberColumn(format="compact"),
    "FLOPs": st.column_config.NumberColumn(format="%.1e"),
    "Note": st.column_config.TextColumn(width="medium"),
    "Tags": st.column_config.ListColumn(width="small"),
}  # fmt: skip
CHOSEN = "columns of Runs"  # as what the columns are remembered in the store


def welcome() -> None:
    """What to do where there is no run yet."""
    st.header("No run yet", anchor=False)
    st.write(f"This page reads the store **{plain(cache.path(), 200)}** and shows a run as soon as one begins.")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**See one now.** In the project's folder:")
        st.code("make demo", language="bash")
        st.caption("Trains a small transformer on the Python standard library's source, on the CPU.")
    with right:
        st.markdown("**Watch your own.** Add to a training script:")
        st.code(EXAMPLE, language="python")
    st.page_link("pages/08_Import.py", label="Or import logs that other tools wrote", icon=":material/upload_file:")


def filters() -> tuple[str, list[str], bool]:
    """The filter, the states, and whether the archived runs are looked at; all write themselves into the address."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    words = left.text_input(
        "Filter", key="q", bind="query-params", icon=":material/filter_alt:",
        placeholder=run_rows.EXAMPLE, help=run_rows.HELP,
    )  # fmt: skip
    states = right.pills("State", list(theme.STATES), selection_mode="multi", key="state", bind="query-params")
    archived = any(run.archived for run in cache.runs())
    return words, states, archived and st.toggle("archived runs", key="archived", bind="query-params")


def listing(runs: Sequence[Run], words: str, states: list[str], archived: bool) -> None:
    """The table, anew every few seconds; above it what can be done with the ticked runs."""
    live = any(run.state == "running" for run in runs)
    asked = _columns(runs)

    @st.fragment(run_every=2.0 if live else 10.0)
    def ticking() -> None:
        try:
            found = run_rows.filtered(words)
        except InvalidInput as error:
            st.warning(plain(str(error), 400), icon=":material/filter_alt_off:")
            return
        found = [run for run in found if run.archived == archived and (not states or run.state in states)]
        above = st.container(horizontal=True, vertical_alignment="center", key="actions")
        if not found:
            st.info("No run matches the filter.", icon=":material/filter_alt_off:")
        chosen = _table(found, asked) if found else []
        url_state.keep_runs([run.id for run in chosen])
        with above:
            _above(chosen, len(found), len(cache.runs()))

    ticking()


def _above(chosen: list[Run], shown: int, known: int) -> None:
    edits.undo()
    if chosen:
        actions.offered(chosen)
    else:
        st.caption(
            f"{shown:,} of {known:,} runs. Click a run to open it; tick runs to compare, forecast, group or tag."
        )


def _row(run: Run) -> view.RunRow:
    progress = cache.progress(run)
    return view.RunRow(run, run_rows.row(run), progress.fraction, cache.curve(run), progress.elapsed)


def _columns(runs: Sequence[Run]) -> list[str]:
    """The columns to show, as chosen here or last time; none: the usual."""
    known = view.columns([_row(run) for run in runs])
    remembered: list[str] = []
    with contextlib.suppress(StoreError):
        remembered = next((one.address.split("\n") for one in cache.views(CHOSEN)), [])
    with st.popover("Columns", icon=":material/view_column:", type="tertiary"):
        asked = st.multiselect(
            "Columns", known, [name for name in remembered if name in known], key="columns", bind="query-params",
            placeholder="the usual ones", help="Numbers, and each key of the configurations; in this order.",
        )  # fmt: skip
    if asked != remembered:
        with contextlib.suppress(StoreError):  # who may only look is not remembered
            cache.remember(CHOSEN, "\n".join(asked))
    return asked


def _table(found: list[Run], asked: list[str]) -> list[Run]:
    """Draws the runs and returns those that are ticked; a click on a cell opens its run."""
    frame = view.table([_row(run) for run in found], asked)
    kept = [i for i, run in enumerate(found) if run.id in url_state.runs()]
    opened = st.session_state.setdefault("opened", 0)
    shown = dataframe(
        frame,
        key=f"runs:{hash(tuple(run.id for run in found))}:{opened}",  # rows are chosen by position: new rows, new table
        hide_index=True,
        column_config={name: config for name, config in COLUMNS.items() if name in frame},
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": kept}} if kept else None,
        height=min(38 + 35 * len(found), 780),
        placeholder="",
    )
    for place, _ in shown.selection.cells:
        st.session_state["opened"] += 1  # on the way back nothing is clicked
        st.switch_page("pages/02_Run.py", query_params={"run": found[place].id})
    return [found[i] for i in shown.selection.rows if i < len(found)]
