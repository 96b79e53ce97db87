"""The parts of the Health page: verdict and time line, episodes, heat maps, spikes, and what was not checked."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from ....db.records import Description, Run
from ....errors import BarographError
from ....formatting import plain
from ...charts.look import Look
from ...services import frames
from ...services.alerts.delivery import send_test
from ...services.frames import View
from ...services.health import Health
from .. import cache, named, permission, url_state
from ..run.view import mapped
from ..table import dataframe
from ..zoom import Zoom
from . import cards, drawing, verdict, view

CARDS = 6  # episodes that are shown at once
ELEMENT_SPIKES = "grad_spike_max"
PROJECTION = "Draws where the attention logits are projected to cross their limit."
SPIKES = {
    "tensor": st.column_config.TextColumn(width="large"),
    "times": st.column_config.NumberColumn("times its usual size", format="localized"),
    "at step": st.column_config.NumberColumn(format="localized"),
    "episodes": st.column_config.NumberColumn(format="localized"),
    "last at step": st.column_config.NumberColumn(format="localized"),
}


def body(run: Run, found: Health | None) -> None:
    """Everything that moves: verdict, time line, episodes, maps."""
    signals = cache.signals(run.id)
    if found is None:
        st.caption(verdict.EXAMINING)
    else:
        st.header(verdict.sentence(found), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        options = [axis for axis, why_not in cache.axes(run.id).items() if not why_not]
        axis = st.segmented_control(
            "x axis", options, default="step", required=True, key="x", bind="query-params", label_visibility="collapsed"
        )
        ahead = st.toggle("projection", True, key="projection", bind="query-params", help=PROJECTION)
        if found and found.until >= 0:
            st.caption(f"Checked to step {found.until:,}.")
    zoom = Zoom(run, View(run.id, axis, half_life=url_state.smoothing()), "story", "where")
    story = drawing.story(run, zoom, Look(axis), signals, found, ahead)
    if story.panels:
        zoom.bar()
        zoom.draw("story", story.panels, story.frames)
    for sentence in story.notes:
        st.caption(plain(sentence, 300))
    if found is not None:
        if found.findings:
            st.header("Episodes", anchor=False)
        cards.draw(run, found, CARDS)
    heat_maps(run, zoom, Look(axis), signals, found)
    element_spikes(run)
    if found is not None:
        not_checked(found)


def heat_maps(run: Run, zoom: Zoom, look: Look, signals: Mapping[str, Description], found: Health | None) -> None:
    """Heat maps, and the series behind the row that was clicked."""
    st.header("By layer", anchor=False)
    maps, usual = mapped(signals), drawing.first_maps(signals, found)
    if not maps:
        st.caption('This run recorded nothing by layer, head or tensor; `watch` it with `preset="standard"`.')
        return
    chosen = usual
    if found is not None:  # what to begin with depends on what was found
        chosen = named.several(
            "Heat maps", maps, "maps", named.names(signals, maps), usual, st.pills, selection_mode="multi",
            label_visibility="collapsed",
        )  # fmt: skip
    for click in zoom.selected("where", "cell"):
        url_state.keep_cell(str(click.get("map", "")), str(click.get("part", "")))
    name, row = url_state.cell()
    out = drawing.maps(run, zoom, look, signals, chosen, name, row)
    for sentence in out.notes:
        st.caption(plain(sentence, 300))
    if not out.panels:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Click a cell to see the series behind its row.", width="content")
        if row:
            label, icon = f"Close {plain(row, 40)}", ":material/close:"
            st.button(label, icon=icon, type="tertiary", key="close", on_click=_close, args=(zoom,))
    zoom.draw("where", out.panels, out.frames)


def _close(zoom: Zoom) -> None:
    url_state.keep_cell("", "")
    zoom.remount("where")


@st.cache_data(show_spinner=False, max_entries=400)
def _spikes(stamp: tuple, run: str) -> pd.DataFrame:
    store = cache.store()
    parts = store.signals(run)[ELEMENT_SPIKES].parts
    return view.spikes({frames.label(part): store.buckets(run, ELEMENT_SPIKES, part, width=200) for part in parts})


def element_spikes(run: Run) -> None:
    """Tensors in which single elements spiked, which the norms hide."""
    if ELEMENT_SPIKES not in cache.signals(run.id):
        return
    table = _spikes(cache.slow_stamp(run.id, run.state == "running"), run.id)
    st.header("Spikes in single elements", anchor=False)
    if len(table):
        dataframe(table, hide_index=True, column_config=SPIKES)
    else:
        st.caption("No element of any gradient was 70 times its usual size.")


def not_checked(found: Health) -> None:
    """Which checks could not run, and why."""
    few = [one.sentence for one in found.blind]
    reasons = [*found.missing, *few, *(f"{name} failed: {why}" for name, why in found.failed.items())]
    if reasons:
        with st.expander(f"Checks not run ({len(reasons)})", key="missing"):
            for sentence in reasons:
                st.caption(plain(sentence, 400))


def try_alerts() -> None:
    """A button that sends a test message to whoever is to be alerted."""
    if st.button("Test the alerts", icon=":material/notifications:", help="Sends a message to every service set up."):
        try:
            permission.required()
            with st.spinner("Sending …"):
                sent = send_test(cache.store_path())
        except BarographError as error:
            st.warning(plain(str(error), 500), icon=":material/notifications_off:")
        else:
            st.success(plain(sent, 500), icon=":material/notifications_active:")
