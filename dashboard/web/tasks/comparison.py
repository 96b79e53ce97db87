"""Runs as methods in one table, seeds together."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ....db.records import Run
from ....errors import BarographError
from ....formatting import plain, short
from ...analysis.measures import discover
from ...analysis.measures._support.result import MeasureResult
from ...services.tasks import methods
from .. import cache, url_state
from ..table import dataframe
from .cached import measured, size

MOST = 60_000  # evaluations, up to which runs are compared unasked
MANY = 24  # runs that are compared unasked


def methods_table(run: Run, runs: Sequence[Run], signal: str) -> None:
    """Runs as methods in one table, seeds together."""
    others = [one for one in runs if one.id != run.id and signal in cache.signals(one.id)]
    if not others:
        return
    st.header("Methods", anchor=False)
    names = {one.id: short(one.name, 60) for one in [run, *others]}
    usual = [one for one in url_state.runs() if one in names]
    if not usual and sum(size(one, signal) for one in names) <= MOST:
        usual = list(names)[:MANY]
    chosen = st.multiselect(
        "Runs",
        list(names),
        default=usual,
        format_func=lambda one: names[one],
        label_visibility="collapsed",
        placeholder="runs to compare",
    )
    found: dict[str, dict[str, MeasureResult]] = {}
    odd = []
    for one in chosen:
        try:
            found[one] = measured(one, signal)[1]
        except BarographError as error:
            odd.append(f"{names[one]}: {error}")
    groups = methods.grouped([one for one in [run, *others] if one.id in found])
    means, errors = methods.table(groups, found, discover())
    if len(means):
        dataframe(methods.written(means, errors), hide_index=True)
        st.caption(
            "Runs whose configurations differ in the seed alone are one method: mean ± standard error over seeds."
        )
    for sentence in odd:
        st.caption(plain(sentence, 300))
