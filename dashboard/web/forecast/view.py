"""What the pages show of a run's future: the outlooks that the watcher keeps current, as frames, rows and sentences."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from ....formatting import number
from ...services.forecast_scores import Score, score, scores
from ...services.forecasts import Forecasts, shared
from ...services.frames import View, clock, place
from ...services.run_forecast import RunForecast
from .. import cache as data

KINDS = {"val_loss": "validation loss", "loss": "training loss"}
PLACES = 160  # points of a fan's curve
BAND = ("mid", "low50", "high50", "low90", "high90")
_working: set[str] = set()
_lock = threading.Lock()


def outlooks() -> Forecasts:
    """The outlooks of the store in use, the same for all viewers and the watcher."""
    return shared(Path(data.path().removeprefix("sqlite:///")).absolute())


@st.cache_resource(show_spinner=False)
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "barograph-outlook")


def outlook(run) -> RunForecast:
    """The newest outlook of a run. A running one is brought up to date behind the reader's back, one fit at a time.

    Raises ValueError where its numbers are such that no law can be fitted.
    """
    known = outlooks()
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


def fan(view: View, made: RunForecast, ahead: bool = True) -> dict[str, pd.DataFrame]:
    """Frames for `charts.fan`: the law's curve through what was fitted, and the bands from there to the planned end."""
    return _fan(view, made, ahead)


@lru_cache(maxsize=64)
def _fan(view: View, made: RunForecast, ahead: bool) -> dict[str, pd.DataFrame]:
    said = made.forecast
    first = last = said.at
    if said.fits:
        first, last = int(said.fits[0][1].steps[0]), max(said.for_step, said.at) if ahead else said.at
    first, last = max(first, view.lo or 0), min(last, view.hi if view.hi is not None else last)
    steps = np.unique(np.linspace(first, last, PLACES).astype(int)) if last > first and said.fits else np.empty(0, int)
    if first < said.at < last:
        steps = np.union1d(steps, [said.at])
    numbers = {name: np.empty(0) for name in BAND}
    if len(steps):
        band = said.curve(steps)
        numbers = {name: getattr(band, name) for name in BAND}
    frame = pd.DataFrame({"x": place(data.store(), view, steps) if len(steps) else steps, "step": steps, **numbers})
    if view.axis == "time":
        frame["at"] = [clock(x) for x in frame["x"]]
    if view.log_x:
        frame = frame[frame["x"] > 0]
    law = frame[frame["step"] <= said.at][["x", "mid"]].rename(columns={"mid": "law"})
    return {"": frame[frame["step"] >= said.at], ".law": law}


def close_up(found: dict[str, pd.DataFrame], seen: int, shown: int) -> dict[str, pd.DataFrame]:
    """The loss panel's frames without the steep beginning: what lies higher than all that comes after 8 % of the steps.

    Later spikes count as what comes after, so none is cut off.
    """
    first = min(0.08 * shown, 0.3 * seen)
    tallest = {"loss": "high", "loss.val": "val", "loss.fan": "high90"}
    late = [found[name].loc[found[name]["step"] >= first, column].max() for name, column in tallest.items()]
    top = np.nanmax(late) if np.isfinite(late).any() else np.inf
    columns = {**tallest, "loss.fan.law": "law", "loss.old": "old"}
    return {name: frame[~(frame[columns[name]] > top)] if name in columns else frame for name, frame in found.items()}


def loss(value: float | None) -> str:
    """A loss in four figures, trailing zeros kept, so that the ends of an interval look alike.

    >>> loss(3.02), loss(None)
    ('3.020', '–')
    """
    return number(value) if value is None or not 1e-3 < abs(value) < 1e4 else f"{value:#.4g}"


def interval(low: float | None, high: float | None) -> str:
    """An interval in words.

    >>> interval(3.0912, 3.02)
    '3.091 to 3.020'
    """
    return f"{loss(low)} to {loss(high)}"


def sentences(made: RunForecast) -> list[str]:
    """What the forecast is of, when it was made, what it stands on, and how sure that is; or why there is none."""
    said = made.forecast
    if said.mid is None:
        more = f" ({made.origin})" if made.schedule is None else ""
        return [f"{said.verdict.value}{more}"]
    plan = {"scheduler": "the scheduler's plan", "confirmed": "the plan you confirmed"}.get(made.origin, made.origin)
    when = f"made at step {said.at:,} for step {said.for_step:,}"
    return [
        f"Forecast of the {KINDS.get(made.signal, made.signal)}, {when}, learning rate: {plan}; {said.evidence}.",
        said.verdict.value,
    ]


def said_before(made: RunForecast, ended: bool) -> list[Score]:
    """Forecasts of this run as they were made; for an ended one that nobody followed, what they would have been."""
    known = outlooks()
    if ended:
        said = scores(known.store, made) or _backtest(data.stamp(made.run), made.run)
    else:
        said = [score(p, float("nan")) for p in known.store.predictions(made.run) if np.isfinite(p.mid)]
    return [one for one in said if one.prediction.made_at < one.prediction.for_step]


@st.cache_data(show_spinner=False, max_entries=200)
def _backtest(version: tuple, run: str) -> list[Score]:
    return outlooks().backtest(run)


def remembered(scored: list[Score], ended: bool) -> str:
    """How past forecasts did, in one sentence: "At 30 % it said 3.12 to 3.19; it ended at 3.14." """
    if not scored:
        return ""
    first = min(scored, key=lambda one: abs(one.prediction.made_at / max(one.prediction.for_step, 1) - 0.3))
    share = 100 * first.prediction.made_at / max(first.prediction.for_step, 1)
    then = f"At {share:.0f} % of its steps it said {interval(first.prediction.low90, first.prediction.high90)}"
    if not ended:
        return f"{then} (90 %); now it says {interval(scored[-1].prediction.low90, scored[-1].prediction.high90)}."
    held = sum(one.in90 for one in scored)
    return f"{then} (90 %); it ended at {loss(first.truth)}. {held} of {len(scored)} such intervals held."


def history(scored: list[Score], ended: bool) -> pd.DataFrame:
    """Past forecasts as a table, oldest first."""
    rows = []
    for one in scored:
        row = {
            "made at step": one.prediction.made_at,
            "for step": one.prediction.for_step,
            "forecast": one.prediction.mid,
        }
        row |= {"90 % from": one.prediction.low90, "90 % to": one.prediction.high90}
        if ended:
            row |= {"ended at": one.truth, "error, %": one.error_pct, "held": one.in90}
        rows.append(row)
    return pd.DataFrame(rows)
