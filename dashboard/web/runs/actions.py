"""What can be done with the ticked runs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ....db.records import Run
from ....db.records.run import ARCHIVED
from . import dialogs, edits

HIDES = "Takes runs out of all lists, until they are unarchived."


def offered(chosen: Sequence[Run]) -> None:
    """The buttons for the ticked runs, the next question first."""
    ids, several = [run.id for run in chosen], len(chosen) > 1
    archived = all(run.archived for run in chosen)
    if not several and st.button("Open", icon=":material/show_chart:", type="primary", key="open"):
        st.switch_page("pages/02_Run.py", query_params={"run": ids[0]})
    if several and st.button("Compare", icon=":material/compare_arrows:", type="primary", key="compare"):
        st.switch_page("pages/05_Compare.py", query_params={"runs": ",".join(ids)})
    if st.button("Forecast", icon=":material/query_stats:", key="forecast_chosen"):
        part = {"view": "several runs", "runs": ",".join(ids)} if several else {}
        st.switch_page("pages/03_Forecast.py", query_params={"run": ids[0], **part})
    if several and st.button("Group", icon=":material/folder:", key="group_chosen", help=dialogs.GROUPED):
        dialogs.ask("group", chosen)
    if st.button("Tag", icon=":material/sell:", key="tag"):
        dialogs.ask("tag", chosen)
    if st.button("Unarchive" if archived else "Archive", icon=":material/archive:", key="archive", help=HIDES):
        done = "unarchived" if archived else "archived"
        edits.change(chosen, {run.id: _archived(run, not archived) for run in chosen}, done)
        st.rerun()
    if not several and st.button("Rename, note, tags", icon=":material/edit:", key="rename"):
        dialogs.ask("rename", chosen)
    if st.button("Delete", icon=":material/delete:", key="delete"):
        dialogs.ask("delete", chosen)
    st.caption(f"{len(chosen):,} ticked")


def _archived(run: Run, yes: bool) -> list[str]:
    return [*(tag for tag in run.tags if tag != ARCHIVED), *([ARCHIVED] if yes else [])]
