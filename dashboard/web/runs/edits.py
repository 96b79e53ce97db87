"""What is changed of several runs at once, and taken back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ....db.records import Run
from ....formatting import plain
from .. import cache
from ..permission import explained


def change(chosen: Sequence[Run], tags: dict[str, list[str]], done: str) -> None:
    """Gives runs these tags, and remembers theirs for `undo`."""
    with explained():
        for run in chosen:
            cache.edit(run.id, run.name, run.note, tags[run.id])
        sentence = f"{len(chosen):,} run{'s' * (len(chosen) > 1)} {done}"
        st.session_state["undo"] = (sentence, {run.id: list(run.tags) for run in chosen})


def undo() -> None:
    """Says what was just done to runs, with a button that takes it back."""
    sentence, before = st.session_state.get("undo", ("", {}))
    if not before:
        return
    st.caption(f":material/check: {plain(sentence, 120)}.")
    if st.button("Undo", icon=":material/undo:", type="tertiary", key="undo_last"):
        del st.session_state["undo"]
        with explained():
            for run in cache.runs():
                if run.id in before:
                    cache.edit(run.id, run.name, run.note, before[run.id])
        st.rerun()
