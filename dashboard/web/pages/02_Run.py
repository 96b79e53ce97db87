"""One run, live: how far, how fast, and every signal on one axis."""

import streamlit as st

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services.frames import AUTO, View
from barograph.dashboard.web import cache as data
from barograph.dashboard.web import url_state as selection
from barograph.dashboard.web.forecast import view as foresight
from barograph.dashboard.web.health import panel as health_panel
from barograph.dashboard.web.run import panels
from barograph.dashboard.web.zoom import Zoom
from barograph.formatting import count, duration, moment, number, plain, short

COLORS = {"running": "blue", "finished": "green", "stopped": "gray", "diverged": "red"}
ICONS = {"running": "play_circle", "finished": "check_circle", "stopped": "stop_circle", "diverged": "warning"}
SMOOTH = {
    "auto": AUTO,
    "off": 0,
    "10": 10,
    "30": 30,
    "100": 100,
    "300": 300,
    "1000": 1000,
    "3000": 3000,
    "10000": 10000,
}
AHEAD = "draws the forecast of the loss and the planned learning rate to the planned end"
OLD = "draws what earlier attempts recorded beyond the step that was returned to"
CLOSE = "draws the loss with its forecast, without the steep beginning, when the whole run is shown"
FORECAST = "pages/03_Forecast.py"
TICK = 1.0  # seconds between two looks at a running run


def choose(runs: list):
    """The run of the address, else the newest."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    run = selection.choose_run(runs, left)
    with right:
        if run.state == "running" and st.button(
            "Stop run", icon=":material/stop:", width="stretch", help="asks the training process to end"
        ):
            data.request_stop(run.id)
            st.toast("Asked the run to stop; it ends at its next check.")
    return run


def outlook(run) -> tuple:
    """The run's outlook, and why there is none."""
    try:
        return foresight.outlook(run), ""
    except ValueError as error:
        return None, f"No forecast: {error}"


def header(run) -> None:
    """State and the numbers one looks for first."""
    now = data.progress(run)
    latest = {name: value for name, (_, value) in now.latest.items() if isinstance(name, str)}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(run.state, icon=f":material/{ICONS[run.state]}:", color=COLORS[run.state])
        told = [f"started {moment(run.started)}"] if run.started else []
        told += [f"{count(run.size['total'])} parameters"] if run.size.get("total") else []
        told += [plain(run.provenance["device"], 40)] if run.provenance.get("device") else []
        told += [f"attempt {run.attempt + 1}"] if run.attempt else []
        st.caption(" · ".join(told))
    if run.note:
        st.caption(plain(run.note, 400))
    step = "–" if now.step is None else f"{now.step:,}" + (f" / {now.planned:,}" if now.planned else "")
    cells = {"Step": step}
    if "loss" in latest or "val_loss" not in latest:
        cells["Loss"] = number(latest.get("loss"))
    if "val_loss" in latest:
        cells["Validation loss"] = number(latest["val_loss"])
    if "tokens_per_s" in latest:
        cells["Tokens/s"] = count(latest["tokens_per_s"])
    elif "steps_per_s" in latest:
        cells["Steps/s"] = number(latest["steps_per_s"], 3)
    cells["Elapsed"] = duration(now.elapsed)
    if run.state == "running" and now.planned:
        cells["Time left"] = duration(now.left)
    made, why_not = outlook(run) if run.state == "running" else (None, "")
    said = made.forecast if made and made.forecast.mid is not None else None
    *columns, last = st.columns([1] * len(cells) + [1.7]) if said else [*st.columns(len(cells)), None]
    for column, (label, value) in zip(columns, cells.items(), strict=True):
        column.metric(label, value)
    if said:
        between = f"{foresight.interval(said.low90, said.high90)} (90 %)"
        label = f"Forecast for step {said.for_step:,}"
        last.metric(label, foresight.loss(said.mid), between, delta_color="off", delta_arrow="off")
    if now.fraction is not None:
        st.progress(now.fraction)
    if run.state == "running":
        st.caption(" ".join(plain(line, 400) for line in (foresight.sentences(made) if made else [why_not])))
        if made and made.schedule is None:
            st.page_link(FORECAST, label="Choose a plan", icon=":material/timeline:", query_params={"run": run.id})


def controls(run, signals: dict) -> tuple[View, Look, list[str], str | None, tuple[bool, bool]]:
    """What is drawn and how; each control writes itself into the address (as it is labelled, so labels are names)."""
    possible = data.axes(run.id)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        options = [axis for axis, why_not in possible.items() if not why_not]
        axis = st.segmented_control("x axis", options, default="step", required=True, key="x", bind="query-params")
        smooth = st.selectbox(
            "Smoothing",
            list(SMOOTH),
            key="smooth",
            bind="query-params",
            width=110,
            help="half-life in steps, for the eye only; auto is 0.5 % of what is shown",
        )
        maps = panels.mapped(signals)
        mapping = st.selectbox("Heat map", maps, key="heat", bind="query-params", width=210) if maps else None
        more = panels.others(signals)
        extra = st.multiselect("More signals", more, key="signals", bind="query-params", width=250) if more else []
        with st.container(width="content", gap=None):
            log_y = st.toggle("log y", key="logy", bind="query-params")
            log_x = st.toggle("log x", key="logx", bind="query-params", disabled=axis == "time")
        with st.container(width="content", gap=None):
            ahead = st.toggle("forecast", True, key="forecast", bind="query-params", help=AHEAD)
            close = st.toggle("close-up", True, key="close", bind="query-params", help=CLOSE, disabled=not ahead)
        with st.container(width="content", gap=None):
            old = bool(run.attempt) and st.toggle("abandoned", key="old", bind="query-params", help=OLD)
    span = selection.steps()
    view = View(run.id, axis, span.lo, span.hi, log_x and axis != "time", log_y, SMOOTH[smooth], old)
    return view, Look(axis, view.log_x, log_y), extra, mapping, (ahead, close)


def charts(run, view: View, look: Look, signals: dict, extra: list[str], mapping: str | None, future: tuple) -> None:
    """Draws the panels and listens to the zoom."""
    zoom = Zoom(run, view, "charts")
    ahead, close = future
    made = outlook(run)[0] if ahead else None
    close = close and not zoom.span and not view.log_x
    out = panels.drawing(run, zoom.view, zoom.look("charts", look), signals, extra, mapping, made, close)
    if out.panels:
        zoom.bar()
        zoom.draw("charts", out.panels, out.frames)
    for sentence in out.said:
        st.caption(sentence)


def details(run, signals: dict) -> None:
    """What the run was: configuration, provenance, events, attempts, signals."""
    names = ["Forecasts", "Configuration", "Provenance", "Events", "Attempts", "Signals"]
    forecasts, config, provenance, events, attempts, recorded = st.tabs(names)
    with forecasts:
        past(run)
    with config:
        _pairs(run.config, "This run has no configuration; pass `config=vars(args)` to `watch`.")
    with provenance:
        _pairs(
            {
                **run.provenance,
                **{f"parameters, {k}": v for k, v in run.size.items()},
                "id": run.id,
                "tokens per step": run.tokens_per_step,
            },
            "Nothing known.",
        )
    with events:
        found = data.all_events(run.id)
        rows = [
            {"step": e.step, "kind": e.kind, "what": short(e.text, 400) if e.text else "", "when": moment(e.time)}
            for e in found
        ]
        _table(rows, "Nothing happened yet; `run.event(...)` notes something.")
    with attempts:
        rows = [
            {"attempt": a.number + 1, "from step": a.from_step, "started": moment(a.started), "state": a.state}
            for a in data.attempts(run.id)
        ]
        st.dataframe(rows, hide_index=True)
    with recorded:
        rows = [
            {"signal": short(s.name), "unit": s.unit, "meaning": s.sentence, "better": s.better, "parts": len(s.parts)}
            for s in signals.values()
        ]
        _table(rows, "No signal recorded yet.")


def past(run) -> None:
    """How the forecasts of this run did, and the way to change its future."""
    made, why_not = outlook(run)
    if made is None:
        st.caption(why_not)
        return
    ended = run.state != "running"
    scored = foresight.said_before(made, ended)
    told = foresight.remembered(scored, ended)
    st.caption(told or "No earlier forecast of this run: they are kept as they are made, to be scored at its end.")
    if scored:
        st.dataframe(foresight.history(scored, ended), hide_index=True)
    st.page_link(FORECAST, label="Change its future", icon=":material/timeline:", query_params={"run": run.id})


def _pairs(values: dict, otherwise: str) -> None:
    rows = [
        {"name": short(str(key)), "value": short(str(value), 2000)}
        for key, value in values.items()
        if value not in (None, "", {}, [])
    ]
    _table(rows, otherwise)


def _table(rows: list[dict], otherwise: str) -> None:
    if rows:
        st.dataframe(rows, hide_index=True)
    else:
        st.caption(otherwise)


def page() -> None:
    runs = selection.known_runs()
    if not runs:
        return
    run = choose(runs)
    signals = data.signals(run.id)
    live = run.state == "running"

    @st.fragment(run_every=TICK if live else None)
    def numbers() -> None:
        header(selection.fresh(run, len(signals)))

    numbers()
    if not signals:
        st.info("This run has not recorded anything yet.", icon=":material/hourglass_empty:")
    else:
        health_panel.moving(run, len(signals), health_panel.line)
        chosen = controls(run, signals)

        @st.fragment(run_every=TICK if live else None)
        def moving() -> None:
            charts(selection.fresh(run, len(signals)), *chosen[:2], data.signals(run.id), *chosen[2:])

        moving()
    details(run, signals)


page()
