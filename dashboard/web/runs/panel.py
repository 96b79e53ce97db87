"""The table of all runs, what can be done with the chosen ones, and what to do where there are none."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ....db.records import Run
from ....errors import InvalidInput
from ....formatting import duration, plain
from .. import cache, run_rows, theme, url_state
from ..table import dataframe
from . import dialogs, view

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
    "Progress": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width=120),
    "Step": st.column_config.NumberColumn(format="localized", width=90),
    "Loss": st.column_config.NumberColumn(format="%.4f", width=85, help="The newest training loss"),
    "Loss curve": st.column_config.LineChartColumn(width=140, color="primary"),
    "Started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", width=140),
    "Minutes": st.column_config.NumberColumn(format="localized", width=80, help="Duration in minutes"),
    "Open": st.column_config.LinkColumn(display_text="open", width=65),
    "Note": st.column_config.TextColumn(width="medium"),
    "Tags": st.column_config.ListColumn(width="small"),
}


def welcome() -> None:
    """What to do where there is no run yet."""
    st.subheader("No run yet", anchor=False)
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


def filters() -> tuple[str, list[str]]:
    """The words and the states to filter by; both write themselves into the address."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    words = left.text_input(
        "Filter", key="q", bind="query-params", icon=":material/filter_alt:",
        placeholder=run_rows.EXAMPLE, help=run_rows.HELP,
    )  # fmt: skip
    return words, right.pills("State", list(theme.STATES), selection_mode="multi", key="state", bind="query-params")


def listing(runs: Sequence[Run], words: str, states: list[str]) -> None:
    """The table, anew every few seconds."""
    live = any(run.state == "running" for run in runs)

    @st.fragment(run_every=2.0 if live else 10.0)
    def ticking() -> None:
        try:
            found = [run for run in run_rows.filtered(words) if not states or run.state in states]
        except InvalidInput as error:
            st.warning(plain(str(error), 400), icon=":material/filter_alt_off:")
            return
        if not found:
            st.info("No run matches the filter.", icon=":material/filter_alt_off:")
            return
        chosen = _table(found)
        url_state.keep_runs([run.id for run in chosen])
        if chosen:
            _actions(chosen)
        else:
            shown = f"{len(found)} of {len(cache.runs())} runs"
            st.caption(f"{shown}. Select rows to open, rename or delete; click a heading to sort.")

    ticking()


def _row(run: Run) -> view.RunRow:
    progress, (loss, curve) = cache.progress(run), cache.glance(run)
    return view.RunRow(run, progress.fraction, loss, curve, progress.elapsed)


def _table(found: list[Run]) -> list[Run]:
    """Draws the runs and returns those that are chosen."""
    frame = view.table([_row(run) for run in found])
    order = [name for name in COLUMNS if name not in ("Note", "Tags") or frame[name].map(bool).any()]
    kept = [i for i, run in enumerate(found) if run.id in url_state.runs()]
    shown = dataframe(
        frame,
        key=f"runs:{hash(tuple(run.id for run in found))}",  # rows are chosen by position: new rows, new table
        hide_index=True,
        column_config=COLUMNS,
        column_order=order,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": kept}} if kept else None,
        height=min(38 + 35 * len(found), 780),
        placeholder="–",
    )
    return [found[i] for i in shown.selection.rows if i < len(found)]


def _actions(chosen: list[Run]) -> None:
    """What can be done with the chosen runs."""
    one = chosen[0] if len(chosen) == 1 else None
    with st.container(horizontal=True, vertical_alignment="center"):
        if one and st.button("Open", icon=":material/show_chart:", type="primary", key="open"):
            st.switch_page("pages/02_Run.py", query_params={"run": one.id})
        if one and st.button("Rename, note, tags", icon=":material/edit:", key="rename"):
            dialogs.ask("rename", chosen)
        if st.button("Delete", icon=":material/delete:", key="delete"):
            dialogs.ask("delete", chosen)
        st.caption(
            f"{len(chosen)} selected"
            + (f": {plain(one.name)} · {duration(cache.progress(one).elapsed)}" if one else "")
        )
