"""What happens to every task while training goes on: learned, forgotten, back again."""

import streamlit as st

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services.frames import View
from barograph.dashboard.web import cache as data
from barograph.dashboard.web import url_state as selection
from barograph.dashboard.web.run.panels import heads
from barograph.dashboard.web.tasks import panel as tasks_panel
from barograph.dashboard.web.tasks import view as tasks
from barograph.dashboard.web.zoom import Zoom
from barograph.formatting import plain

TICK = 3.0  # seconds between two looks at a running run


def controls(run, signals: dict) -> tuple[str, str, list[str], list[str]]:
    """The x axis, the metric, and what else is drawn."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        options = [axis for axis, why_not in data.axes(run.id).items() if not why_not]
        axis = st.segmented_control(
            "x axis", options, default="step", required=True, key="x", bind="query-params", label_visibility="collapsed"
        )
        found = tasks.metrics(signals)
        signal = found[0]
        if len(found) > 1:
            names = {name: name.removeprefix(tasks.PREFIX).replace("_", " ") for name in found}
            signal = st.selectbox("Metric", found, format_func=names.get, label_visibility="collapsed", width=180)
        more = tasks_panel.extras(signals)
        extra = more and st.pills(
            "More", more, selection_mode="multi", default=more[:2], key="more", format_func=heads,
            label_visibility="collapsed",
        )  # fmt: skip
    names = [tasks.label(part) for part in signals[signal].parts]
    chosen = []
    if len(names) > tasks.LINES:
        chosen = st.multiselect(
            "Tasks", names, placeholder="tasks to draw as lines", key="lines", label_visibility="collapsed"
        )
    return axis, signal, chosen, list(extra or ())


def page() -> None:
    runs = selection.known_runs()
    if not runs:
        return
    run = selection.choose_run(runs, st)
    signals = data.signals(run.id)
    if not tasks.metrics(signals):
        st.info(tasks_panel.NOTHING, icon=":material/school:")
        return
    axis, signal, chosen, extra = controls(run, signals)

    @st.fragment(run_every=TICK if run.state == "running" else None)
    def moving() -> None:
        now = selection.fresh(run, len(signals))
        zoom = Zoom(now, View(now.id, axis), "tasks")
        out = tasks_panel.draw(now, zoom, Look(axis), signals, signal, chosen, extra)
        zoom.bar()
        zoom.draw("tasks", out.panels, out.frames)
        for sentence in out.said:
            st.caption(plain(sentence, 300))

    moving()
    tasks_panel.close_up(run, signal)
    tasks_panel.measures(run, signal)
    tasks_panel.inside(run, signals)
    tasks_panel.compare(run, runs, signal)


page()
