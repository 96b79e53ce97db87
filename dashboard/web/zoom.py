"""Charts that are zoomed by dragging: the range of steps lies in the address, and a tick never rebuilds a view."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from ...db import Run
from ..charts.look import TITLES, Look
from ..charts.stack import stack
from ..services.frames import View
from . import cache, url_state
from .url_state import Range

HINT = "Drag over a chart to zoom in, double-click for the whole run, Ctrl + wheel to zoom."


class Zoom:
    """The range that the named charts of one page share.

    A range that was dragged is drawn anew with its own domain (a new mount); turning the wheel over a chart changes
    only what is asked of the store for it, while the others are drawn anew.
    """

    def __init__(self, run: Run, view: View, *names: str):
        self.run, self.last = run, run.last_step or 0
        self._memory: dict[str, Any] = st.session_state.setdefault(f"zoom:{run.id}:{view.axis}", {})
        self._axis, self._names = view.axis, names
        for name in names:
            self.key(name)  # so that it has its place in the memory
        if self._memory.get("span", url_state.steps()) != url_state.steps():  # by the browser's way back
            self.remount(*names)
        for name in names:
            self._listen(name, view)
            if self.key(name) not in st.session_state:  # about to be mounted
                self._memory[name]["mounted"] = url_state.steps()
        self.span = self._memory["span"] = url_state.steps()
        url_state.remember()  # a control beside the charts may have changed the address, without the page's frame
        self.view = replace(view, lo=self.span.lo, hi=self.span.hi)

    def key(self, name: str) -> str:
        mounts = self._memory.setdefault(name, {"mounts": 0})["mounts"]
        return f"{name}:{self.run.id}:{self._axis}:{mounts}"

    def selected(self, name: str, param: str) -> list | dict:
        """What is selected in a chart by now, before it is drawn."""
        state = st.session_state.get(self.key(name))
        return state.selection.get(param) or [] if state else []

    def remount(self, *names: str) -> None:
        for name in names:
            self._memory[name]["mounts"] += 1

    def _listen(self, name: str, view: View) -> None:
        """Takes the range that the reader has just asked for in one chart."""
        for param in ("brush", "zoom"):  # a selection is a dictionary from the x field of some layer to its range
            found = self.selected(name, param)
            if not found:
                continue
            ends = next(iter(found.values())) if isinstance(found, dict) else None
            low, high = cache.steps_at(view, ends[0], ends[1], self.last) if ends else (None, None)
            asked, whole = Range(low, high), param == "brush" or not ends
            empty = low is not None and high is not None and high <= low
            if not empty and (whole or asked != url_state.steps()):
                url_state.keep_steps(asked)
                self.remount(*(other for other in self._names if whole or other != name))
            return

    def bar(self) -> None:
        """What is shown, how to change it, and the way back to the whole run."""
        lo, hi = self.span.lo or 0, self.span.hi if self.span.hi is not None else self.last
        with st.container(horizontal=True, vertical_alignment="center"):  # the right end is under the chart's tools
            st.caption((f"Steps {lo:,} to {hi:,}. " if self.span else "All steps. ") + HINT, width="content")
            icon, off = ":material/zoom_out_map:", not self.span
            key = f"whole:{self._names[0]}"
            st.button("Whole run", icon=icon, type="tertiary", key=key, disabled=off, on_click=self._whole)

    def _whole(self) -> None:
        url_state.keep_steps(Range())
        self.remount(*self._names)

    def look(self, name: str, look: Look) -> Look:
        """The look of a chart with the range that it was mounted with."""
        mounted = self._memory[name]["mounted"]
        return replace(look, domain=cache.domain(View(self.run.id, self._axis, mounted.lo, mounted.hi), self.last))

    def draw(self, name: str, panels: list[dict], frames: dict[str, pd.DataFrame]) -> None:
        """Draws panels in one chart and listens to it."""
        spec = stack(panels, TITLES[self._axis])
        listened = [param["name"] for param in spec["params"] if param["name"] in ("zoom", "brush", "cell")]
        with st.container(key=name):
            st.vega_lite_chart(
                {**spec, "datasets": frames},
                key=self.key(name),
                on_select="rerun",
                selection_mode=listened,
                width="stretch",
            )
