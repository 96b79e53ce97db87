"""The store's finished runs as rows of a scaling table, and their joint law: computed once, kept for all sessions."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ....db.records import Run
from ...analysis.forecasting.prior import Finished
from ...analysis.scaling import Joint
from ...services import scaling_table
from ...services.scaling_table import ScalingRow
from .. import cache


@st.cache_data(show_spinner=False, max_entries=2000)
def _row(url: str, run_id: str, written: tuple, signal: str) -> ScalingRow:
    store = cache.store()
    return scaling_table.scaling_row(store, store.run(run_id), signal)


def rows(signal: str = "") -> list[ScalingRow]:
    """Every finished run of the store, newest first, ended by `signal` (default: its validation or training loss)."""
    return [_row(cache.path(), run.id, (run.attempt, run.last_step, run.name), signal) for run in _ended()]


def losses() -> list[str]:
    """The other losses of the finished runs, by which a law can be fitted too."""
    return _losses(cache.path(), tuple(run.id for run in _ended()))


@st.cache_data(show_spinner=False, max_entries=20)
def _losses(url: str, runs: tuple[str, ...]) -> list[str]:
    return scaling_table.losses(cache.store(), [run for run in cache.runs() if run.id in runs])


@st.cache_data(show_spinner=False, max_entries=20)
def metrics(url: str, runs: tuple[str, ...]) -> list[str]:
    """The metrics that all of these runs have."""
    return scaling_table.metrics(cache.store(), [cache.store().run(one) for one in runs])


@st.cache_data(show_spinner=False, max_entries=200)
def ends(url: str, runs: tuple[str, ...], name: str) -> np.ndarray:
    """Where a metric ended in each of these runs (n,)."""
    return scaling_table.ends(cache.store(), [cache.store().run(one) for one in runs], [name])[name]


def _ended() -> list[Run]:
    return [run for run in cache.runs() if run.state == "finished"]


@st.cache_resource(show_spinner="Fitting all curves together …", max_entries=4)
def joint_law(url: str, runs: tuple[str, ...]) -> tuple[Joint, Finished]:
    """The joint law of the runs with these ids, and the largest of them. Raises ValueError as `fit_joint` does."""
    return scaling_table.joint_law(cache.store(), runs)
