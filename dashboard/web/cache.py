"""Cached reads: the only meeting of Streamlit and the store. Every answer is kept until the store has changed."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from ...db import Store
from ...db.records import Attempt, Description, Event, Run, SavedView
from ...errors import StoreError
from ...families import crowds, family
from ..services import frames, heat_maps, run_table
from ..services.frames import View
from . import permission


def path() -> str:
    """Where the store is: `BAROGRAPH_STORE`, else `runs.db` in the working directory."""
    return os.environ.get("BAROGRAPH_STORE", "runs.db")


@st.cache_resource(show_spinner=False)
def _open(url: str) -> Store:
    return Store(url, create=False)


def store() -> Store:
    return _open(path())


def store_path() -> Path:
    """The store's file, wherever this process works."""
    return Path(path().removeprefix("sqlite:///")).absolute()


def exists() -> bool:
    return os.path.exists(path().removeprefix("sqlite:///"))


@st.cache_data(show_spinner=False, max_entries=400)
def _runs(url: str, version: tuple) -> list[Run]:
    return store().runs()


def runs() -> list[Run]:
    """Every run, newest first; none where there is no store yet."""
    if not exists():
        return []
    # Whether a writer is alive is not written anywhere, so that this answer grows old by itself.
    return _runs(path(), (*store().version(), int(time.time() // 5)))


def stamp(run: str) -> tuple:
    """What the answers about one run are kept under."""
    return (path(), *store().version(run))


@st.cache_data(show_spinner=False, max_entries=400)
def _descriptions(version: tuple, run: str) -> dict[str, Description]:
    return store().descriptions(run)


def descriptions(run: str) -> dict[str, Description]:
    """What the run described, by name; without parts what it did not record."""
    return _descriptions(stamp(run), run)


@st.cache_data(show_spinner=False, max_entries=400)
def _signals(version: tuple, run: str) -> tuple[dict[str, Description], dict[str, int]]:
    found = {name: found for name, found in descriptions(run).items() if found.parts}
    many = crowds(found)
    return {name: one for name, one in found.items() if not many or family(name) not in many}, many


def signals(run: str) -> dict[str, Description]:
    """What the run recorded, by name, but for crowds."""
    return _signals(stamp(run), run)[0]


def crowded(run: str) -> dict[str, int]:
    """Names that differ in their numbers alone, by what they have in common, where they are too many to choose from."""
    return _signals(stamp(run), run)[1]


@st.cache_data(show_spinner=False, max_entries=400)
def _frames(version: tuple, view: View, what: str, signal: str, parts: tuple) -> dict[str, pd.DataFrame]:
    if what == "line":
        return frames.line(store(), view, signal, parts[0] if parts else ())
    if what == "parts":
        return frames.several(store(), view, signal, parts)
    return {"": frames.validation(store(), view, signal)}


def line(view: View, signal: str, part: tuple[str, ...] = ()) -> dict[str, pd.DataFrame]:
    return _frames(stamp(view.run), view, "line", signal, (part,))


def several(view: View, signal: str, parts: tuple) -> dict[str, pd.DataFrame]:
    return _frames(stamp(view.run), view, "parts", signal, parts)


def validation(view: View, signal: str) -> pd.DataFrame:
    return _frames(stamp(view.run), view, "validation", signal, ())[""]


@st.cache_resource(show_spinner=False, max_entries=40)  # shared as it is: nobody changes a map
def _heat(key: tuple, view: View, signal: str) -> heat_maps.Map:
    return heat_maps.heat(store(), view, signal)


def heat(view: View, signal: str, live: bool) -> heat_maps.Map:
    """The heat map; of a running run anew every five seconds, since thousands of cells are slow to draw."""
    return _heat(slow_stamp(view.run, live), view, signal)


def slow_stamp(run: str, live: bool) -> tuple:
    """What costly answers are kept under: of a running run they are up to five seconds old."""
    return (path(), time.time() // 5) if live else stamp(run)


@st.cache_data(show_spinner=False, max_entries=1000)
def _every(file: tuple, run: str, signal: str, part: tuple[str, ...], last: int) -> int:
    return frames.every(store(), run, signal, part, last)


def every(run: Run, signal: str, part: tuple[str, ...]) -> int:
    """How many steps lie between two points of a signal; looked up again every thousand steps."""
    last = run.last_step or 0
    return _every((path(), store().identity()), run.id, signal, part, last if last < 1000 else last // 1000 * 1000)


def events(view: View) -> pd.DataFrame:
    return frames.events(store(), view)


def plan(view: View, last: int, ahead: bool) -> pd.DataFrame:
    return frames.plan(store(), view, last, ahead)


def axes(run: str) -> dict[str, str]:
    """The axes that the run can be read on, and for the others why not."""
    out = {}
    for axis in ("step", "tokens", "time", "flops", "epoch"):
        try:
            store().axis(run, np.zeros(1), axis)
            out[axis] = ""
        except StoreError as error:
            out[axis] = str(error)
    return out


def domain(view: View, last: int) -> tuple[float, float] | None:
    """The range of the view on its axis."""
    if view.lo is None and view.hi is None:
        return None
    low, high = frames.place(store(), view, np.array([view.lo or 0, view.hi if view.hi is not None else last]))
    return (float(low), float(high)) if low < high else None


def steps_at(view: View, low: float, high: float, last: int) -> tuple[int, int]:
    return frames.steps_at(store(), view, low, high, last)


@dataclass(frozen=True)
class Progress:
    """How far a run is: `fraction` of the plan, seconds `elapsed` and `left`, and its newest numbers by signal."""

    step: int | None
    planned: int | None
    fraction: float | None
    elapsed: float | None
    left: float | None
    latest: dict


@st.cache_data(show_spinner=False, max_entries=400)
def _latest(version: tuple, run: str) -> dict:
    return store().latest(run)


def progress(run: Run) -> Progress:
    """Reads the newest point of each series, and the pace of the last tenth of the run for the time left."""
    end = run.ended or (run.last_seen or time.time())
    elapsed = end - run.started if run.started else None
    step, planned, left = run.last_step, run.steps_planned, None
    fraction = min(1.0, (step + 1) / planned) if planned and step is not None else None
    if run.state == "running" and planned and step and step < planned:
        try:
            then, now = store().axis(run.id, np.array([step - max(1, step // 10), step]), "time")
            left = (planned - 1 - step) * (now - then) / max(1, step // 10)
        except StoreError:
            left = None
    latest = {}
    with contextlib.suppress(StoreError):
        latest = _latest(stamp(run.id), run.id)
    return Progress(step, planned, fraction, elapsed, left, latest)


@st.cache_data(show_spinner=False, max_entries=5000)
def _curve(file: tuple, run: str, written: tuple) -> list[float]:
    return [float(value) for value in store().buckets(run, "loss", width=40).mean if np.isfinite(value)]


def curve(run: Run) -> list[float]:
    """A small curve of the loss; read again only when this run has written."""
    try:
        return _curve((path(), store().identity()), run.id, (run.attempt, run.last_step, run.state))
    except StoreError:  # one damaged run must not hide the others; its own page says what is wrong
        return []


@st.cache_data(show_spinner=False, max_entries=1000)
def _settled(file: tuple, run: str, written: tuple, _run: Run) -> float | None:
    return run_table.final_value(store(), _run, "loss")


def settled(run: Run) -> float | None:
    """The loss by now as a mean, of the last 1 % of the training losses."""
    return _settled((path(), store().identity()), run.id, (run.attempt, run.last_step), run)


def attempts(run: str) -> list[Attempt]:
    return store().attempts(run)


def all_events(run: str) -> list[Event]:
    return store().events(run)


def edit(run: str, name: str, note: str, tags: list[str]) -> None:
    permission.required()
    store().edit(run, name=name, note=note, tags=tags)


def delete(run: str) -> None:
    permission.required()
    store().delete(run)


def request_stop(run: str) -> None:
    permission.required()
    store().request_stop(run)


def views(page: str) -> list[SavedView]:
    """The saved views of a page."""
    return store().views(page)


def save_view(name: str, page: str) -> None:
    """Saves what is looked at now: the page with its address. StoreError for a name of no use."""
    permission.required()
    address = urlencode({key: st.query_params.get_all(key) for key in st.query_params}, doseq=True)
    store().views.save(SavedView(name, page, address))


def remember(what: str, value: str) -> None:
    """Keeps how a page is looked at, for the next visit: a view without a page."""
    permission.required()
    store().views.save(SavedView(what, what, value))


def drop_view(name: str) -> None:
    permission.required()
    store().views.delete(name)
