"""The view `runs` for the pages: a row a run, made anew only when its run has changed, and the filter on it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ...db import Run
from ..services import run_table
from ..services.run_filter import kept
from . import cache

HELP = (
    "Words that stand in a run's name, note, tags, project or configuration; or a condition in SQL on id, name, "
    "project, state, note, tags, started, hours, steps, steps_planned, attempt, parameters, tokens, flops, final_loss, "
    "best_loss, final_val_loss, best_val_loss, severity (0 to 2) and each key of the configuration."
)
EXAMPLE = "cosine, or: final_loss < 3 and lr >= 1e-3"


@st.cache_data(show_spinner=False, max_entries=5000)
def _row(url: str, run: str, written: tuple, _run: Run) -> dict[str, Any]:
    return run_table.row(cache.store(), _run)


def row(run: Run) -> dict[str, Any]:
    """A run's row of the view."""
    written = (run.attempt, run.last_step, run.state, run.name, run.project, run.note, run.tags, run.ended)
    return _row(cache.path(), run.id, written, run)


def filtered(text: str) -> list[Run]:
    """The runs that a filter keeps, newest first. InvalidInput names its mistake."""
    runs = cache.runs()
    if not text.strip():
        return runs
    found = set(kept([row(run) for run in runs], text))
    return [run for run in runs if run.id in found]
