"""What is wrong with a run, since when, where, and what to do about it."""

import streamlit as st

from dashboard import data, diagnosis, health_panel, panels, selection, story
from dashboard.charts.look import Look
from dashboard.frames import View
from dashboard.words import plain, short
from dashboard.zoom import Zoom

TICK = 1.0  # seconds between two looks at a running run
CARDS = 6  # episodes that are shown at once
PROJECTION = "draws the crossing that the attention logits are projected to make"
SPIKES = {
    "tensor": st.column_config.TextColumn(width="large"),
    "largest g²/v": st.column_config.NumberColumn(format="%.3g"),
    "at step": st.column_config.NumberColumn(format="localized"),
    "last at step": st.column_config.NumberColumn(format="localized"),
}


def controls(run, signals: dict, found) -> tuple[View, list[str], bool]:
    """On which axis, which heat maps, and whether projections are drawn; kept in the address."""
    possible = data.axes(run.id)
    maps = panels.mapped(signals)
    usual = story.telling(signals, found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        options = [axis for axis, why_not in possible.items() if not why_not]
        axis = st.segmented_control("x axis", options, default="step", required=True, key="x", bind="query-params")
        ahead = st.toggle("projection", True, key="projection", bind="query-params", help=PROJECTION)
    chosen = []
    if maps:
        chosen = st.pills("Heat maps", maps, selection_mode="multi", default=usual, key="maps", bind="query-params")
    return View(run.id, axis), chosen, ahead


def body(run, signals: dict, found, view: View, chosen: list[str], ahead: bool) -> None:
    """Everything that moves: verdict, time line, episodes, maps."""
    if found is None:
        st.caption("Looking through the run …")
    else:
        st.subheader(health_panel.verdict(found), anchor=False)
        if found.until >= 0:
            st.caption(f"Everything up to step {found.until:,} was looked at.")
    zoom = Zoom(run, view, "story", "where")
    told = story.tell(run, zoom, Look(view.axis), signals, found, ahead)
    if told.panels:
        zoom.bar()
        zoom.draw("story", told.panels, told.frames)
    for sentence in told.said:
        st.caption(sentence)
    if found is not None:
        episodes(run, found)
    parts(run, zoom, Look(view.axis), signals, chosen)
    if found is not None:
        spikes(found)
        unseen(found)


def episodes(run, found) -> None:
    st.subheader("Episodes", anchor=False)
    if not found.findings:
        st.caption("Nothing was found.")
    health_panel.cards(run, found, CARDS)


def parts(run, zoom: Zoom, look: Look, signals: dict, chosen: list[str]) -> None:
    """Heat maps, and the series behind the row that was clicked."""
    st.subheader("Where", anchor=False)
    if not panels.mapped(signals):
        st.caption("This run recorded nothing by layer, head or tensor; `watch` it with `preset=\"standard\"`.")
        return
    for click in zoom.selected("where", "cell"):
        selection.keep_cell(str(click.get("map", "")), str(click.get("part", "")))
    name, row = selection.cell()
    out = story.maps(run, zoom, look, signals, chosen, name, row)
    for sentence in out.said:
        st.caption(sentence)
    if not out.panels:
        st.caption("Choose a heat map above." if not chosen else "")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption("Click on a cell to see the series behind its row.")
        if name and st.button(f"Close {short(row, 40)}", icon=":material/close:", type="tertiary", key="close"):
            selection.keep_cell("", "")
            zoom.remount("where")
            st.rerun(scope="fragment")
    zoom.draw("where", out.panels, out.frames)


def spikes(found) -> None:
    table = diagnosis.spikes(found.findings)
    if len(table):
        st.subheader("Spikes in single elements", anchor=False)
        st.dataframe(table, hide_index=True, column_config=SPIKES)


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
    try:
        found = health_panel.health(run)
    except ValueError as error:
        st.error(f"No verdict: {plain(str(error), 300)}", icon=":material/error:")
        return
    view, chosen, ahead = controls(run, signals, found)
    live = run.state == "running" or found is None

    @st.fragment(run_every=TICK if live else None)
    def moving() -> None:
        now, newest = selection.fresh(run, len(signals)), health_panel.health(run)
        if found is None and newest is not None:
            st.rerun()
        body(now, data.signals(run.id), newest, view, chosen, ahead)

    moving()
    health_panel.try_alerts()


page()
