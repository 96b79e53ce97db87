"""Fitted scaling laws and what is drawn of them, kept for all sessions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ...analysis.scaling import Fitted, HeldOut, ScalingTable, fit, hold_out
from . import view


def _hash(table: ScalingTable) -> tuple:
    return tuple((name, values.tobytes()) for name, values in table.columns.items()), table.names, table.groups


@st.cache_resource(hash_funcs={ScalingTable: _hash}, show_spinner=False, max_entries=20)
def fitted(law: str, table: ScalingTable, mix: bool, robust: bool) -> Fitted:
    return fit(law, table, mix=mix, robust=robust)


@st.cache_resource(hash_funcs={ScalingTable: _hash}, show_spinner=False, max_entries=20)
def held_out(law: str, table: ScalingTable, mix: bool, robust: bool) -> HeldOut:
    return hold_out(law, table, mix=mix, robust=robust)


@st.cache_data(
    hash_funcs={Fitted: lambda made: (_hash(made.table), made.law.name, made.cost)}, show_spinner=False, max_entries=20
)
def drawn(made: Fitted) -> dict[str, pd.DataFrame]:
    """The frames of both charts."""
    return view.drawn(made)
