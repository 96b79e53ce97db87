"""All runs in one table: find, choose, rename, delete, open."""

import pandas as pd
import streamlit as st

from barograph.dashboard.web import cache as data
from barograph.dashboard.web import url_state as selection
from barograph.formatting import duration, plain, short

STATES = {"running": "blue", "finished": "green", "stopped": "gray", "diverged": "red"}

EXAMPLE = """from barograph import watch

with watch(model, optimizer, scheduler=scheduler, total_steps=10_000,
           store="runs.db", name="my run", config=vars(args)) as run:
    for batch in loader:
        loss = model(batch)
        loss.backward()
        optimizer.step(); scheduler.step(); optimizer.zero_grad()
        run.log(loss=loss, tokens=batch.numel())"""


def welcome() -> None:
    """What to do where there is no run yet."""
    st.subheader("No run yet", anchor=False)
    st.write(f"This page follows the store **{plain(data.path(), 200)}** and shows a run as soon as one begins.")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**See one now.** In the project's folder:")
        st.code("make demo", language="bash")
        st.caption("trains a small transformer on the Python standard library's source, on the CPU")
    with right:
        st.markdown("**Watch your own.** Add to a training script:")
        st.code(EXAMPLE, language="python")


def table(runs: list) -> pd.DataFrame:
    """One row a run, in the order of the store."""
    rows = []
    for run in runs:
        loss, curve = data.glance(run)
        progress = data.progress(run)
        rows.append(
            {
                "Run": short(run.name, 120),
                "State": [run.state],
                "Progress": progress.fraction,
                "Step": run.last_step,
                "Loss": loss,
                "Loss curve": curve,
                "Started": pd.Timestamp(run.started, unit="s", tz="UTC") if run.started else None,
                "Minutes": progress.elapsed / 60 if progress.elapsed is not None else None,
                "Open": f"Run?run={run.id}",
                "Note": short(run.note, 200) if run.note else "",
                "Tags": list(run.tags),
            }
        )
    return pd.DataFrame(rows)


def matching(runs: list, words: str, states: list[str]) -> list:
    """The runs whose name, note, tags, project or configuration hold every word."""

    def text(run) -> str:
        config = " ".join(f"{key}={value}" for key, value in run.config.items())
        return " ".join([run.name, run.note, run.project, *run.tags, config]).lower()

    found = [run for run in runs if not states or run.state in states]
    return [run for run in found if all(word in text(run) for word in words.lower().split())]


COLUMNS = {
    "Run": st.column_config.TextColumn(width="medium"),
    "State": st.column_config.MultiselectColumn(options=list(STATES), color=list(STATES.values()), width=95),
    "Progress": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width=120),
    "Step": st.column_config.NumberColumn(format="localized", width=90),
    "Loss": st.column_config.NumberColumn(format="%.4f", width=85),
    "Loss curve": st.column_config.LineChartColumn(width=140, color="primary"),
    "Started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", width=140),
    "Minutes": st.column_config.NumberColumn(format="%.1f", width=80, help="duration"),
    "Open": st.column_config.LinkColumn(display_text="open", width=65),
    "Note": st.column_config.TextColumn(width="medium"),
    "Tags": st.column_config.ListColumn(width="small"),
}


@st.dialog("Rename or annotate")
def rename(run) -> None:
    name = st.text_input("Name", value=run.name, max_chars=200)
    note = st.text_area("Note", value=run.note, max_chars=5000, placeholder="what this run is for, what it showed")
    known = sorted({tag for one in data.runs() for tag in one.tags})
    tags = st.multiselect("Tags", known, list(run.tags), accept_new_options=True, placeholder="type to add a tag")
    if st.button("Save", type="primary", disabled=not name.strip()):
        data.edit(run.id, name.strip(), note, tags)
        st.rerun()


@st.dialog("Delete")
def delete(runs: list) -> None:
    names = ", ".join(f"**{plain(run.name, 60)}**" for run in runs[:8]) + (
        f" and {len(runs) - 8} more" if len(runs) > 8 else ""
    )
    st.write(f"Delete {names}? Everything recorded is lost; this cannot be undone.")
    if any(run.state == "running" for run in runs):
        st.warning("A run that is still training cannot be deleted; stop it first.", icon=":material/warning:")
    idle = [run for run in runs if run.state != "running"]
    if st.button(f"Delete {len(idle)} run{'s' * (len(idle) != 1)}", type="primary", disabled=not idle):
        for run in idle:
            data.delete(run.id)
        selection.keep_runs([])
        st.rerun()


def ask(what: str, chosen: list) -> None:
    """Opens a dialog from the page itself: one opened by the table's fragment would close at its next tick."""
    st.session_state["asked"] = (what, [run.id for run in chosen])
    st.rerun()


def answer(runs: list) -> None:
    """Shows the dialog that was just asked for."""
    what, ids = st.session_state.pop("asked", (None, []))
    chosen = [run for run in runs if run.id in ids]
    if what == "rename" and chosen:
        rename(chosen[0])
    elif chosen:
        delete(chosen)


def actions(chosen: list) -> None:
    """What can be done with the chosen runs."""
    one = chosen[0] if len(chosen) == 1 else None
    with st.container(horizontal=True, vertical_alignment="center"):
        if one and st.button("Open", icon=":material/show_chart:", type="primary", key="open"):
            st.switch_page("pages/02_Run.py", query_params={"run": one.id})
        if one and st.button("Rename, note, tags", icon=":material/edit:", key="rename"):
            ask("rename", chosen)
        if st.button("Delete", icon=":material/delete:", key="delete"):
            ask("delete", chosen)
        st.caption(
            f"{len(chosen)} chosen" + (f": {plain(one.name)} · {duration(data.progress(one).elapsed)}" if one else "")
        )


def page() -> None:
    try:
        runs = data.runs()
    except data.StoreError as error:
        st.error(str(error), icon=":material/database_off:")
        return
    if not runs:
        welcome()
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    words = left.text_input(
        "Filter", key="q", bind="query-params", placeholder="name, note, tag or key=value", icon=":material/search:"
    )
    states = right.pills("State", list(STATES), selection_mode="multi", key="state", bind="query-params")
    live = any(run.state == "running" for run in runs)

    @st.fragment(run_every=2.0 if live else 10.0)
    def listing() -> None:
        found = matching(data.runs(), words, states)
        if not found:
            st.info("No run matches the filter.", icon=":material/filter_alt_off:")
            return
        frame = table(found)
        order = [name for name in COLUMNS if name not in ("Note", "Tags") or frame[name].map(bool).any()]
        kept = [i for i, run in enumerate(found) if run.id in selection.runs()]
        shown = st.dataframe(
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
        chosen = [found[i] for i in shown.selection.rows if i < len(found)]
        selection.keep_runs([run.id for run in chosen])
        if chosen:
            actions(chosen)
        else:
            of = f"{len(found)} of {len(data.runs())} runs"
            st.caption(f"{of}. Choose rows to open, rename or delete; click a heading to sort.")

    listing()
    answer(runs)


page()
