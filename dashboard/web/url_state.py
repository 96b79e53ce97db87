"""What a page shows, as its address: every view is a link.

Controls write their own key into the address (`bind="query-params"`); here are those that are not controls: the runs
that were chosen and the range of steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


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
    """The range of steps in the address; an invalid one counts as none."""
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


def questions() -> list[str]:
    """What the address asks of a scaling law, one word each."""
    return [word for word in st.query_params.get_all("ask") if word]
