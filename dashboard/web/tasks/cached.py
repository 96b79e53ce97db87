"""What the Tasks page reads, kept until the store has changed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ...analysis.measures import discover
from ...analysis.measures._support.result import MeasureResult
from ...analysis.measures._support.tasks import Evaluations, Visit
from ...analysis.measures.stability_gap import Gap
from ...services.frames import View
from ...services.tasks import courses, modules, record
from .. import cache
from . import view


@st.cache_data(show_spinner=False, max_entries=50)
def _visits(stamp: tuple, run: str) -> tuple[Visit, ...]:
    return record.visits(cache.store().events(run), cache.store().lineage(run))


def visits(run: str) -> tuple[Visit, ...]:
    return _visits(cache.stamp(run), run)


@st.cache_data(show_spinner=False, max_entries=50)
def _courses(stamp: tuple, shown: View, signal: str) -> pd.DataFrame:
    return courses.courses(cache.store(), shown, signal, [visit.task for visit in visits(shown.run)])


def task_courses(shown: View, signal: str) -> pd.DataFrame:
    """Every task's course in one metric."""
    return _courses(cache.stamp(shown.run), shown, signal)


@st.cache_data(show_spinner=False, max_entries=50)
def _gap(stamp: tuple, run: str, signal: str, visit: Visit) -> tuple[list[Gap], dict[str, pd.DataFrame]]:
    near = record.window(cache.store(), run, signal, visits(run), visit)
    return view.gap(near, visit) if near is not None else ([], {})


def boundary_gaps(run: str, signal: str, visit: Visit) -> tuple[list[Gap], dict[str, pd.DataFrame]]:
    """The gaps at a boundary, deepest first, and their chart's frames. InvalidInput for values that are no shares."""
    return _gap(cache.stamp(run), run, signal, visit)


@st.cache_data(show_spinner=False, max_entries=50)
def _measured(stamp: tuple, run: str, signal: str) -> tuple[Evaluations | None, dict[str, MeasureResult]]:
    found = record.record(cache.store(), run, signal)
    return (None, {}) if found is None else (found, record.results(found, discover()))


@st.cache_data(show_spinner=False, max_entries=50)
def _ranking(stamp: tuple, run: str) -> pd.DataFrame:
    return modules.ranking(cache.store(), run, visits(run))


def module_ranking(run: str) -> pd.DataFrame:
    """The modules by how much more they change right after a boundary than within a task."""
    return _ranking(cache.stamp(run), run)


def measured(run: str, signal: str) -> tuple[Evaluations | None, dict[str, MeasureResult]]:
    """The record of a run and its measures. ValueError for values that are no shares."""
    return _measured(cache.stamp(run), run, signal)


def size(run: str, signal: str) -> int:
    """How many evaluations a run has."""
    return sum(end.n for end in cache.store().ends(run, frozenset([signal])).values())
