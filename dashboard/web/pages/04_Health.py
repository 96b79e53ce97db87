"""What is wrong with a run, since when, where, and what to do about it."""

import streamlit as st

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services.frames import View
from barograph.dashboard.web import cache as data
from barograph.dashboard.web import url_state as selection
from barograph.dashboard.web.health import panel as health_panel
from barograph.dashboard.web.health import story
from barograph.dashboard.web.run import panels
from barograph.dashboard.web.zoom import Zoom
from barograph.formatting import plain

CARDS = 6  # episodes that are shown at once
PROJECTION = "draws the crossing that the attention logits are projected to make"
SPIKES = {
    "tensor": st.column_config.TextColumn(width="large"),
    "times": st.column_config.NumberColumn("times its usual size", format="localized"),
    "at step": st.column_config.NumberColumn(format="localized"),
    "last at step": st.column_config.NumberColumn(format="localized"),
}


def body(run, found) -> None:
    """Everything that moves: verdict, time line, episodes, maps."""
    signals = data.signals(run.id)
    if found is None:
        st.caption(health_panel.LOOKING)
    else:
        st.subheader(health_panel.verdict(found), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        options = [axis for axis, why_not in data.axes(run.id).items() if not why_not]
        axis = st.segmented_control(
            "x axis", options, default="step", required=True, key="x", bind="query-params", label_visibility="collapsed"
        )
        ahead = st.toggle("projection", True, key="projection", bind="query-params", help=PROJECTION)
        if found and found.until >= 0:
            st.caption(f"Looked at up to step {found.until:,}.")
    zoom = Zoom(run, View(run.id, axis), "story", "where")
    told = story.tell(run, zoom, Look(axis), signals, found, ahead)
    if told.panels:
        zoom.bar()
        zoom.draw("story", told.panels, told.frames)
    for sentence in told.said:
        st.caption(sentence)
    if found is not None:
        episodes(run, found)
    parts(run, zoom, Look(axis), signals, found)
    spikes(run)
    if found is not None:
        unseen(found)


def episodes(run, found) -> None:
    if found.findings:
        st.subheader("Episodes", anchor=False)
    health_panel.cards(run, found, CARDS)


def parts(run, zoom: Zoom, look: Look, signals: dict, found) -> None:
    """Heat maps, and the series behind the row that was clicked."""
    st.subheader("Where", anchor=False)
    maps, usual = panels.mapped(signals), story.telling(signals, found)
    if not maps:
        st.caption('This run recorded nothing by layer, head or tensor; `watch` it with `preset="standard"`.')
        return
    chosen = usual
    if found is not None:  # what to begin with depends on what was found
        chosen = st.pills(
            "Heat maps", maps, selection_mode="multi", default=usual, key="maps", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    for click in zoom.selected("where", "cell"):
        selection.keep_cell(str(click.get("map", "")), str(click.get("part", "")))
    name, row = selection.cell()
    out = story.maps(run, zoom, look, signals, chosen, name, row)
    for sentence in out.said:
        st.caption(sentence)
    if not out.panels:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Click on a cell to see the series behind its row.", width="content")
        if row:
            label, icon = f"Close {plain(row, 40)}", ":material/close:"
            st.button(label, icon=icon, type="tertiary", key="close", on_click=close, args=(zoom,))
    zoom.draw("where", out.panels, out.frames)


def close(zoom: Zoom) -> None:
    selection.keep_cell("", "")
    zoom.remount("where")


def spikes(run) -> None:
    """Tensors in which single elements spiked, which the norms hide."""
    table = data.spikes(run.id, run.state == "running")
    if table is None:
        return
    st.subheader("Spikes in single elements", anchor=False)
    if len(table):
        st.dataframe(table, hide_index=True, column_config=SPIKES)
    else:
        st.caption("No element of any gradient was 70 times its usual size.")


def unseen(found) -> None:
    """What could not be looked at, and why."""
    told = [*found.missing, *(f"{name} broke off: {why}" for name, why in found.failed.items())]
    if told:
        with st.expander(f"Not looked at ({len(told)})", key="missing"):
            for sentence in told:
                st.caption(plain(sentence, 400))


def page() -> None:
    runs = selection.known_runs()
    if not runs:
        return
    run = selection.choose_run(runs, st)
    signals = data.signals(run.id)
    if not signals:
        st.info("This run has not recorded anything yet.", icon=":material/hourglass_empty:")
        return
    health_panel.moving(run, len(signals), body)
    health_panel.try_alerts()


page()
