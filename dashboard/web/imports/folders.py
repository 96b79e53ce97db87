"""The folders whose logs the server follows, and how each log is getting on."""

from __future__ import annotations

import streamlit as st

from ....formatting import plain
from ...services.background.log_follower import FollowedFolder, followed
from .. import cache
from ..table import dataframe
from . import view

SHOWN = 20  # files that are no logs


@st.fragment(run_every=2.0)
def draw() -> None:
    st.header("Watched folders", anchor=False)
    found = followed(cache.path())
    if not found:
        st.caption("None. `barograph serve --watch DIR` imports what appears in a folder and follows what grows.")
    for state in found:
        growing = sum(one.live for one in state.logs)
        with st.container(border=True):
            st.markdown(f"**{plain(state.folder, 200)}**")
            st.caption(f"{len(state.logs):,} logs, {growing:,} growing; followed {state.how}")
            if state.problem:
                st.warning(plain(state.problem, 300), icon=":material/folder_off:")
            _logs(state)


def _logs(state: FollowedFolder) -> None:
    rows = view.logs(state.logs)
    if len(rows):
        dataframe(
            rows, hide_index=True, height=min(38 + 35 * len(rows), 420), placeholder=view.NONE,
            column_config={"Open": st.column_config.LinkColumn(display_text="open", width=65)},
        )  # fmt: skip
    if state.no_logs:
        with st.expander(f"Files that are no logs ({len(state.no_logs)})"):
            for sentence in state.no_logs[:SHOWN]:
                st.caption(plain(sentence, 300))
