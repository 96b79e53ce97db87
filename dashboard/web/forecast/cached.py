"""The forecasts of the store in use, cached for the pages: a running run's is brought up to date in the background."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial

import numpy as np
import pandas as pd
import streamlit as st

from ....db.records import Run
from ...services.forecast_scores import Score, score, scores
from ...services.forecasts import Forecasts, shared
from ...services.frames import View, place
from ...services.run_forecast import RunForecast
from .. import cache
from . import view

_working: set[str] = set()
_lock = threading.Lock()


def forecasts() -> Forecasts:
    """The forecasts of the store in use, the same for all viewers and the watcher."""
    return shared(cache.store_path())


@st.cache_resource(show_spinner=False)
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "barograph-forecast")


def current(run: Run) -> RunForecast:
    """The newest forecast of a run. A running one is brought up to date in the background, one fit at a time.

    Raises CannotForecast where its numbers are such that no law can be fitted.
    """
    known = forecasts()
    made = known.newest(run.id) if run.state == "running" else None
    if made is None:
        return known.of(run.id)
    with _lock:
        free = run.id not in _working
        _working.add(run.id)
    if free:
        _worker().submit(_refresh, known, run.id)
    return made


def _refresh(known: Forecasts, run: str) -> None:
    try:
        known.of(run)
    finally:
        with _lock:
            _working.discard(run)


@lru_cache(maxsize=64)
def fan(shown: View, made: RunForecast, ahead: bool = True) -> dict[str, pd.DataFrame]:
    """The fan of a forecast in its place on the x axis."""
    return view.fan(shown, made, partial(place, cache.store(), shown), ahead)


def past_forecasts(made: RunForecast, ended: bool) -> Sequence[Score]:
    """Forecasts of this run as they were made; for an ended one that nobody followed, what they would have been."""
    known = forecasts()
    if ended:
        found = scores(known.store, made) or _backtest(cache.stamp(made.run), made.run)
    else:
        found = [score(p, float("nan")) for p in known.store.predictions(made.run) if np.isfinite(p.mid)]
    return [one for one in found if one.prediction.made_at < one.prediction.for_step]


@st.cache_data(show_spinner=False, max_entries=200)
def _backtest(version: tuple, run: str) -> list[Score]:
    return forecasts().backtest(run)
