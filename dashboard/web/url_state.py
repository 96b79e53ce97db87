"""What a page shows, as its address: every view is a link.

Controls write their own key into the address (`bind="query-params"`); here are those that are not controls: the runs
that were chosen and the range of steps.

A link of the top bar has no address of its own: the page that it opens goes on with what was last shown of it, and with
what is `SHARED` by all pages, so that nobody reads another run's page without noticing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from ..services.frames import AUTO

SHARED = ("run", "runs", "from", "to", "x", "smooth")  # goes along from page to page
SMOOTH = {"auto": AUTO, "off": 0} | {str(steps): steps for steps in (10, 30, 100, 300, 1000, 3000, 10000)}
OF_ONE_RUN = ("from", "to", "at", "future", "map", "row", "boundary")  # means nothing for another run


def resume(page: str) -> None:
    """Fills the address of a page that was just come to by a link that names a run at most.

    A page whose address has lost its run was come to by the browser's way back.
    """
    own, given = _memory().get(page, {}), {name: st.query_params.get_all(name) for name in st.query_params}
    same = page == st.session_state.get("page")
    st.session_state["page"] = page
    if set(given) <= {"run", "runs"} and (not same or ("run" in own and not given)):
        found = merged(given, own, _memory().get("", {}))
        if same:  # the controls that are there hold the others
            found = {name: value for name, value in found.items() if name in ("run", "runs", *OF_ONE_RUN)}
        if found != given:
            st.query_params.update(found)


def merged(given: Mapping, own: Mapping, shared: Mapping) -> dict[str, list[str]]:
    """The address for a page: what a link gives, what is shared, what the page itself had; each if not of another run.

    >>> merged({"run": ["b"]}, {"logy": ["true"], "at": ["9"]}, {"run": ["a"], "x": ["time"], "to": ["5"]})
    {'run': ['b'], 'logy': ['true'], 'x': ['time']}
    """
    run = given.get("run") or shared.get("run")
    found: dict[str, list[str]] = {"run": run} if run else {}
    for before in ({name: own[name] for name in own if name not in SHARED}, shared):
        same = (own if before is not shared else shared).get("run") == run
        found |= {name: value for name, value in before.items() if same or name not in OF_ONE_RUN}
    return {**found, **given}


def remember() -> None:
    """Keeps what is shown now, for the way back to this page and on to the next."""
    page = st.session_state.get("page")
    if page is not None:
        shown = {name: st.query_params.get_all(name) for name in st.query_params}
        _memory()[page] = shown
        _memory()[""] = {name: shown[name] for name in SHARED if name in shown}


def _memory() -> dict[str, dict[str, list[str]]]:
    """The last address of each page, and as "" what the last page shared."""
    return st.session_state.setdefault("addresses", {})


def keep(**values: str | list[str] | None) -> None:
    """Writes into the address what is new in it, together, so that it is one entry of the browser's history.

    None takes out. Other parameters may be bound to controls, and are let alone.
    """
    wanted = {name: [value] if isinstance(value, str) else value or [] for name, value in values.items()}
    new = {name: value for name, value in wanted.items() if value and st.query_params.get_all(name) != value}
    if new:
        st.query_params.update(new)
    for name in [name for name, value in wanted.items() if not value and name in st.query_params]:
        del st.query_params[name]
    remember()


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


def smoothing() -> int:
    """The half-life of the smoothing that is drawn, in steps, as `frames.View` wants it."""
    return SMOOTH.get(st.query_params.get("smooth", ""), AUTO)


def keep_steps(found: Range) -> None:
    """Writes the range into the address."""
    lo, hi = (None if end is None else str(end) for end in (found.lo, found.hi))
    keep(**{"from": lo, "to": hi})


def runs() -> list[str]:
    """The ids of the runs in the address."""
    return [name for name in st.query_params.get("runs", "").split(",") if name]


def keep_runs(chosen: list[str]) -> None:
    keep(runs=",".join(chosen) or None)


def keep_run(chosen: str) -> None:
    keep(run=chosen)


def whole(name: str, default: int, low: int, high: int) -> int:
    """A whole number of the address between `low` and `high`, else `default`."""
    found = _step(st.query_params.get(name))
    return min(max(found if found is not None else default, low), high)


def keep_whole(name: str, value: int, default: int) -> None:
    """Writes a number into the address, or takes it out where it is what it would be anyway."""
    keep(**{name: str(value) if value != default else None})


def cell() -> tuple[str, str]:
    """The heat map and its row whose series are shown, as in the address; empty where none are."""
    return st.query_params.get("map", ""), st.query_params.get("row", "")


def keep_cell(name: str, row: str) -> None:
    """Writes the heat map and its row into the address; empty ones are taken out."""
    keep(map=name or None, row=row or None)


def futures() -> list[str]:
    """The futures in the address, one word each."""
    return [word for word in st.query_params.get_all("future") if word]


def keep_futures(words: list[str]) -> None:
    keep(future=words)


def questions() -> list[str]:
    """What the address asks of a scaling law, one word each."""
    return [word for word in st.query_params.get_all("ask") if word]
