"""What is being looked at, as the address of the page: a view is a link.

Controls write their own key into the address (`bind="query-params"`); here are those that are not controls: the runs
that were chosen and the range of steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ...formatting import moment, plain, short
from . import cache as data


@dataclass(frozen=True)
class Range:
    """Steps from `lo` to `hi`, both inside; None is an open end."""

    lo: int | None = None
    hi: int | None = None

    def __bool__(self) -> bool:
        return self.lo is not None or self.hi is not None


def _step(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None


def steps() -> Range:
    """The range of steps in the address; nonsense there is no range."""
    lo, hi = _step(st.query_params.get("from")), _step(st.query_params.get("to"))
    return Range(lo, hi) if lo is None or hi is None or lo < hi else Range()


def keep_steps(found: Range) -> None:
    """Writes the range into the address, without a rerun if it is there already."""
    for name, value in (("from", found.lo), ("to", found.hi)):
        if value is None:
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def runs() -> list[str]:
    """The ids of the runs in the address."""
    return [name for name in st.query_params.get("runs", "").split(",") if name]


def keep_runs(chosen: list[str]) -> None:
    if chosen != runs():
        if chosen:
            st.query_params["runs"] = ",".join(chosen)
        else:
            del st.query_params["runs"]


def known_runs() -> list:
    """The runs of the store, newest first; where there are none, the page says why."""
    try:
        runs = data.runs()
    except data.StoreError as error:
        st.error(str(error), icon=":material/database_off:")
        return []
    if not runs:
        st.info("No run yet. The page *Runs* shows how to start one.", icon=":material/hourglass_empty:")
    return runs


def fresh(run, signals: int):
    """The run as it is now; when it has ended or has a new signal, the whole page is built anew."""
    now = next((one for one in data.runs() if one.id == run.id), None)
    if now is None or (now.state, now.attempt, len(data.signals(run.id))) != (run.state, run.attempt, signals):
        st.rerun()
    return now


def choose_run(runs: list, place):
    """A list to choose one run from, in `place`; the run of the address is chosen, else the newest.

    The address holds the run's id; a bound control would write its label, which changes with the run's name.
    """
    names = {run.id: f"{short(run.name, 90)}  ·  {moment(run.started)}" for run in runs}
    asked = st.query_params.get("run")
    if asked and asked not in names:
        st.warning(
            f"There is no run {plain(asked, 60)} in this store; this is the newest.", icon=":material/search_off:"
        )
    index = list(names).index(asked) if asked in names else 0
    chosen = place.selectbox("Run", list(names), index=index, format_func=names.get, label_visibility="collapsed")
    if chosen != asked:
        st.query_params["run"] = chosen
    return next(run for run in runs if run.id == chosen)


def whole(name: str, default: int, low: int, high: int) -> int:
    """A whole number of the address between `low` and `high`, else `default`."""
    found = _step(st.query_params.get(name))
    return min(max(found if found is not None else default, low), high)


def keep_whole(name: str, value: int, default: int) -> None:
    """Writes a number into the address, or takes it out where it is what it would be anyway."""
    if value != default:
        st.query_params[name] = str(value)
    elif name in st.query_params:
        del st.query_params[name]


def cell() -> tuple[str, str]:
    """The heat map and its row whose series are shown, as in the address; empty where none are."""
    return st.query_params.get("map", ""), st.query_params.get("row", "")


def keep_cell(name: str, row: str) -> None:
    """Writes the heat map and its row into the address; empty ones are taken out."""
    for key, value in (("map", name), ("row", row)):
        if value and st.query_params.get(key) != value:
            st.query_params[key] = value
        elif not value and key in st.query_params:
            del st.query_params[key]


def futures() -> list[str]:
    """The futures in the address, one word each."""
    return [word for word in st.query_params.get_all("future") if word]


def keep_futures(words: list[str]) -> None:
    st.query_params["future"] = words
