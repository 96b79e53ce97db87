"""The parts of the Tasks page: courses and map of the tasks, the gap after a boundary, measures, modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from ....db.records import Description, Run
from ....errors import BarographError
from ....formatting import plain, short
from ...analysis.measures import discover
from ...charts.gap import gap
from ...charts.heat import heat
from ...charts.look import Look
from ...charts.tasks import tasks
from ...services.frames import View
from ...services.tasks import modules
from ...services.tasks.courses import LINES, matrix, spread, tags
from ...services.tasks.record import LOSS, boundaries, label
from .. import cache, url_state
from ..run.drawing import FEW, Drawing, sampled
from ..run.view import title
from ..table import dataframe
from ..zoom import Zoom
from . import view
from .cached import boundary_gaps, measured, module_ranking, size, task_courses, visits

LARGE = 40_000  # evaluations of a run, from which on measures are computed when asked for
CROWD = 120  # boundaries that can be told apart
COLUMNS = {
    "value": st.column_config.NumberColumn(format="%.4g"),
    "± error": st.column_config.NumberColumn(format="%.4f", help="Standard error from the number of examples."),
    "noise bias": st.column_config.NumberColumn(
        format="%.4f", help="What noise alone adds: the lowest of many noisy evaluations is too low."
    ),
    "evaluated every": st.column_config.NumberColumn(
        format="%.3g", help="Steps between two evaluations; measures over windows depend on it."
    ),
    "meaning": st.column_config.TextColumn(width="large"),
}
GAPS = {
    name: st.column_config.NumberColumn(format="%.3f")
    for name in ("before", "lowest", "depth", "± error", "noise bias", "level after", "persistent")
}
MODULES = {
    "across / within": st.column_config.NumberColumn(format="%.2f"),
    "across": st.column_config.NumberColumn(format="%.2e"),
    "within": st.column_config.NumberColumn(format="%.2e"),
    "drift": st.column_config.NumberColumn(format="%.3f"),
}
HEAD, DOMAIN = ("new_class_share", "new_class_due", "head_gamma"), ("domain_loss", "domain_share", "domain_weight")
NOTHING = (
    "This run recorded no evaluations of tasks. In the training script: `run.evaluate(step, \"math\", accuracy=0.41, "
    "n=1000)`, with `run.begin_task(\"math\")` where it begins to learn one, or `evaluator(run, model, tasks)` to have "
    "every task evaluated densely after each boundary."
)  # fmt: skip


@dataclass(frozen=True)
class TaskChoice:
    """What is drawn: the x axis, the metric, the tasks that are lines (none: some of all), and more signals."""

    axis: str
    metric: str
    tasks: Sequence[str]
    extra: Sequence[str]


def controls(run: Run, signals: Mapping[str, Description]) -> TaskChoice:
    """The x axis, the metric, and what else is drawn."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        options = [axis for axis, why_not in cache.axes(run.id).items() if not why_not]
        axis = st.segmented_control(
            "x axis", options, default="step", required=True, key="x", bind="query-params", label_visibility="collapsed"
        )
        found = view.metrics(signals)
        metric = found[0]
        if len(found) > 1:
            metric = st.selectbox(
                "Metric", found, format_func=view.metric_name, label_visibility="collapsed", width=180
            )
        more = extras(signals)
        extra = more and st.pills(
            "More", more, selection_mode="multi", default=more[:2], key="more",
            format_func=lambda name: title(signals, name), label_visibility="collapsed",
        )  # fmt: skip
    names = [label(part) for part in signals[metric].parts]
    chosen = []
    if len(names) > LINES:
        chosen = st.multiselect(
            "Tasks", names, placeholder="tasks to draw as lines", key="lines", label_visibility="collapsed"
        )
    return TaskChoice(axis, metric, chosen, list(extra or ()))


def charts(run: Run, signals: Mapping[str, Description], choice: TaskChoice) -> None:
    """Draws the panels and listens to the zoom."""
    zoom = Zoom(run, View(run.id, choice.axis), "tasks")
    out = drawing(run, zoom, signals, choice)
    zoom.bar()
    zoom.draw("tasks", out.panels, out.frames)
    for sentence in out.notes:
        st.caption(plain(sentence, 300))


def drawing(run: Run, zoom: Zoom, signals: Mapping[str, Description], choice: TaskChoice) -> Drawing:
    """Accuracy of every task, the map of tasks over time, the losses, and what else was asked for."""
    look, signal = zoom.look("tasks", Look(choice.axis)), choice.metric
    out = Drawing(run, zoom.view, look, signals)
    described, known = signals[signal], visits(run.id)
    drawn = task_courses(zoom.view, signal)
    names = list(dict.fromkeys(drawn["part"]))
    shown = [name for name in choice.tasks if name in names] or spread(names)
    out.add("tasks", {"": drawn[drawn["part"].isin(shown)]})
    events = out.frames["events"]
    if crowded := events["kind"].eq("task").sum() > CROWD:
        out.frames["events"] = events[events["kind"] != "task"]
    out.add("tags", {"": tags(cache.store(), zoom.view, known, run.last_step or 0)})
    count, name = len(described.parts), short(view.metric_name(signal), 40)
    note = (
        f"{count} task{'s' * (count > 1)}" if len(shown) == count else f"{len(shown)} of {count} tasks; the map has all"
    )
    note += " · boundaries are too close to be drawn" if crowded else " · dashed: boundaries"
    note += sampled(run, described)
    out.panels.append(tasks(look, "tasks", f"{name.capitalize()} of every task", note=note, count=len(shown)))
    if count > 1:
        cells = matrix(cache.store(), zoom.view, drawn, run.last_step or 0)
        out.add("matrix", {"": cells.frame, ".row": cells.outline("")})
        note = "each cell: the mean of the evaluations in it, or the last value before"
        rows = len(cells.rows)
        out.panels.append(heat(look, "matrix", "Tasks over time", note=note, log=False, rows=rows))
    if LOSS in signals:
        parts = signals[LOSS].parts
        few = f"{FEW} of {len(parts)} tasks" if len(parts) > FEW else ""
        out.lines(LOSS, "Loss of each task", few, parts[:FEW])
    if "loss" in signals:
        out.loss(height=150)
    for name in choice.extra:
        out.signal(name)
    return out


def extras(signals: Mapping[str, Description]) -> list[str]:
    """The signals about tasks that are no evaluations: domains, head, modules."""
    return [name for name in (*DOMAIN, "loss_unweighted", *HEAD, "bottom_to_top") if name in signals]


def close_up(run: Run, signal: str) -> None:
    """The gap after one boundary: which, its chart, its table."""
    st.header("After a boundary", anchor=False)
    there = boundaries(visits(run.id))
    if not there:
        st.caption(
            "No task began after another one here: mark them with `run.begin_task(name)`, and the first 100 steps "
            "after each are drawn large."
        )
        return
    names = {visit.start: f"{short(visit.task, 60)} from step {visit.start:,}" for visit in there}
    asked = url_state.whole("boundary", there[-1].start, 0, 2**60)
    index = list(names).index(asked) if asked in names else len(names) - 1
    place = st.columns([1, 2])[0]
    start = place.selectbox(
        "Boundary", list(names), index=index, format_func=lambda one: names[one], label_visibility="collapsed"
    )
    url_state.keep_whole("boundary", start, there[-1].start)
    visit = next(one for one in there if one.start == start)
    try:
        rows, frames = boundary_gaps(run.id, signal, visit)
    except BarographError as error:
        st.caption(plain(str(error), 400))
        return
    if not rows:
        st.caption("No earlier task was evaluated before and after this boundary.")
        return
    worst = rows[0]
    note = "red: lowest · green: recovered to the level that lasts"
    note += f" · the {LINES} deepest" if len(rows) > LINES else ""
    spec = gap("gap", view.headline(worst), note=note)
    sets = {"gap" + suffix: frame for suffix, frame in frames.items()}
    st.vega_lite_chart({**spec, "datasets": sets}, key=f"gap:{run.id}:{start}", width="stretch")
    sparse = (worst.until - worst.boundary) / max(1, worst.evaluations)
    if sparse > 5:
        st.caption(f"Evaluated every {sparse:.0f} steps only: the lowest point may lie between two evaluations.")
    with st.expander(f"{len(rows)} task{'s' * (len(rows) > 1)} in numbers", key="gaps"):
        dataframe(view.gap_table(rows), hide_index=True, column_config=GAPS, placeholder="–")


def measures(run: Run, signal: str) -> None:
    """The table of measures with their noise."""
    st.header("Measures", anchor=False)
    count = size(run.id, signal)
    if count > LARGE and not st.toggle(f"Compute from {count:,} evaluations", key="measures"):
        return
    try:
        with st.spinner("Measuring …"):
            record, found = measured(run.id, signal)
    except BarographError as error:
        st.warning(plain(str(error), 400), icon=":material/rule:")
        return
    frame, missing = view.table(found, discover())
    if len(frame):
        dataframe(frame, hide_index=True, column_config=COLUMNS, height="content", placeholder="–")
    if record is not None and record.notes:
        with st.expander(f"Notes on the data ({len(record.notes)})", key="notes"):
            for note in record.notes[:40]:
                st.caption(plain(note[:1].upper() + note[1:], 300) + ".")
    if missing:
        with st.expander(f"Not measured ({len(missing)})", key="unmeasured"):
            for sentence in missing:
                st.caption(plain(sentence, 300))


def inside(run: Run, signals: Mapping[str, Description]) -> None:
    """Modules that change with the task, and how the gradients of domains agree."""
    if modules.CHANGE in signals:
        st.header("Modules", anchor=False)
        dataframe(module_ranking(run.id), hide_index=True, column_config=MODULES, placeholder="–")
        st.caption(
            "Mean absolute change of a weight in a step: over the first 100 steps after a boundary and within tasks. "
            "Drift is relative to the weights, by the end of a task; the two rank modules differently."
        )
    cosines = modules.alignment(cache.progress(run).latest)
    if cosines is not None:
        st.header("Gradients of domains", anchor=False)
        dataframe(cosines.style.format("{:.2f}"))
        st.caption(
            "Cosine between the gradients of two domains; below 0, a step for one increases the loss of the other."
        )
