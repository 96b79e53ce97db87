"""What is asked before a run is renamed, annotated or deleted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ....db.records import Run
from ....db.records.run import GROUP
from ....formatting import plain
from .. import cache, url_state
from ..permission import explained
from . import edits

GROUPED = "Runs of one group can be averaged on the page Compare, and stand together in the table."


@st.dialog("Rename or annotate")
def rename(run: Run) -> None:
    name = st.text_input("Name", value=run.name, max_chars=200)
    note = st.text_area("Note", value=run.note, max_chars=5000, placeholder="What this run is for, what it showed")
    known = sorted({tag for one in cache.runs() for tag in one.tags})
    tags = st.multiselect("Tags", known, list(run.tags), accept_new_options=True, placeholder="Type to add a tag")
    if st.button("Save", type="primary", disabled=not name.strip()):
        with explained():
            cache.edit(run.id, name.strip(), note, tags)
            st.rerun()


@st.dialog("Delete")
def delete(runs: Sequence[Run]) -> None:
    names = ", ".join(f"**{plain(run.name, 60)}**" for run in runs[:8]) + (
        f" and {len(runs) - 8} more" if len(runs) > 8 else ""
    )
    st.write(f"Delete {names}? Everything recorded is lost; this cannot be undone.")
    if any(run.state == "running" for run in runs):
        st.warning("A run that is still training cannot be deleted; stop it first.", icon=":material/warning:")
    idle = [run for run in runs if run.state != "running"]
    if st.button(f"Delete {len(idle)} run{'s' * (len(idle) != 1)}", type="primary", disabled=not idle):
        with explained():
            for run in idle:
                cache.delete(run.id)
            url_state.keep_runs([])
            st.rerun()


@st.dialog("Tag")
def tag(runs: Sequence[Run]) -> None:
    known = sorted({tag for one in cache.runs() for tag in one.labels})
    more = st.multiselect("Tags", known, accept_new_options=True, placeholder="Choose, or type a new one")
    if st.button("Add", type="primary", disabled=not more):
        _changed(runs, {run.id: list(dict.fromkeys([*run.tags, *more])) for run in runs}, "tagged")


@st.dialog("Group")
def group(runs: Sequence[Run]) -> None:
    st.caption(GROUPED)
    name = st.text_input("Name", value=next((run.group for run in runs if run.group), ""), max_chars=100).strip()
    other = {run.id: [tag for tag in run.tags if not tag.startswith(GROUP)] for run in runs}
    if st.button("Group", type="primary", disabled=not name):
        _changed(runs, {run: [*tags, GROUP + name] for run, tags in other.items()}, f"grouped as {name}")
    if any(run.group for run in runs) and st.button("Ungroup"):
        _changed(runs, other, "ungrouped")


def _changed(runs: Sequence[Run], tags: dict[str, list[str]], done: str) -> None:
    edits.change(runs, tags, done)
    st.rerun()


def ask(what: str, chosen: Sequence[Run]) -> None:
    """Opens a dialog from the page itself: one opened by the table's fragment would close at its next tick."""
    st.session_state["asked"] = (what, [run.id for run in chosen])
    st.rerun()


def answer(runs: Sequence[Run]) -> None:
    """Shows the dialog that was just asked for."""
    what, ids = st.session_state.pop("asked", (None, []))
    chosen = [run for run in runs if run.id in ids]
    if what == "rename" and chosen:
        rename(chosen[0])
    elif chosen:
        {"tag": tag, "group": group, "delete": delete}[what](chosen)
