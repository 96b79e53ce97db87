"""The parts of the page *Tasks*: what is read for it, kept until the store has changed, and how it is laid out."""

from __future__ import annotations

import streamlit as st

from ....formatting import plain, short
from ...analysis.measures import discover
from ...analysis.measures._support.tasks import Evaluations, Visit
from ...charts.gap import gap as gap_chart
from ...charts.heat import heat
from ...charts.look import Look
from ...charts.tasks import tasks as tasks_chart
from ...services.frames import View
from .. import cache as data
from .. import url_state as selection
from ..run.panels import FEW, Drawing, sampled
from ..zoom import Zoom
from . import methods, modules
from . import view as tasks

KEPT = {"show_spinner": False, "max_entries": 50}
CHEAP = 60_000  # evaluations, up to which runs are compared unasked
DEAR = 40_000  # evaluations of a run, from which on measures are computed when asked for
HEAD, DOMAIN = ("new_class_share", "new_class_due", "head_gamma"), ("domain_loss", "domain_share", "domain_weight")
NOTHING = (
    "This run recorded no evaluations of tasks. In the training script: `run.evaluate(step, \"math\", accuracy=0.41, "
    "n=1000)`, with `run.begin_task(\"math\")` where it begins to learn one, or `evaluator(run, model, tasks)` to have "
    "every task evaluated densely after each boundary."
)  # fmt: skip


@st.cache_data(**KEPT)
def _visits(stamp: tuple, run: str) -> tuple[Visit, ...]:
    return tasks.visits(data.store().events(run), data.store().lineage(run))


def visits(run: str) -> tuple[Visit, ...]:
    return _visits(data.stamp(run), run)


@st.cache_data(**KEPT)
def _courses(stamp: tuple, view: View, signal: str) -> dict:
    return tasks.courses(data.store(), view, signal, [visit.task for visit in visits(view.run)])


@st.cache_data(**KEPT)
def _gap(stamp: tuple, run: str, signal: str, visit: Visit) -> tuple:
    near = tasks.window(data.store(), run, signal, visits(run), visit)
    return tasks.gap(near, visit) if near is not None else ([], {})


@st.cache_data(**KEPT)
def _measured(stamp: tuple, run: str, signal: str) -> tuple:
    found = tasks.record(data.store(), run, signal)
    return (None, {}) if found is None else (found, tasks.results(found, discover()))


@st.cache_data(**KEPT)
def _ranking(stamp: tuple, run: str):
    return modules.ranking(data.store(), run, visits(run))


def measured(run: str, signal: str) -> tuple[Evaluations | None, dict]:
    """The record of a run and its measures. ValueError for values that are no shares."""
    return _measured(data.stamp(run), run, signal)


def size(run: str, signal: str) -> int:
    """How many evaluations a run has."""
    return sum(end.n for end in data.store().ends(run, frozenset([signal])).values())


def draw(run, zoom: Zoom, look: Look, signals: dict, signal: str, chosen: list, extra: list[str]) -> Drawing:
    """Accuracy of every task, the map of tasks over time, the losses, and what else was asked for."""
    look = zoom.look("tasks", look)
    out = Drawing(run, zoom.view, look, signals)
    said, known = signals[signal], visits(run.id)
    drawn = _courses(data.stamp(run.id), zoom.view, signal)
    names = list(dict.fromkeys(drawn["part"]))
    shown = [name for name in chosen if name in names] or tasks.spread(names)
    out.add("tasks", {"": drawn[drawn["part"].isin(shown)]})
    events = out.frames["events"]
    if crowded := events["kind"].eq("task").sum() > CROWD:
        out.frames["events"] = events[events["kind"] != "task"]
    out.add("tags", {"": tasks.tags(data.store(), zoom.view, known, run.last_step or 0)})
    count, name = len(said.parts), short(signal.removeprefix(tasks.PREFIX).replace("_", " "), 40)
    note = (
        f"{count} task{'s' * (count > 1)}" if len(shown) == count else f"{len(shown)} of {count} tasks; the map has all"
    )
    note += " · boundaries are too close to be drawn" if crowded else " · dashed: boundaries"
    note += sampled(run, said)
    out.panels.append(tasks_chart(look, "tasks", f"{name.capitalize()} of every task", note=note, count=len(shown)))
    if count > 1:
        cells = tasks.matrix(data.store(), zoom.view, drawn, run.last_step or 0)
        out.add("matrix", {"": cells.frame, ".row": cells.outline("")})
        note = "each cell: the mean of what was evaluated in it, else as it was before"
        rows = len(cells.rows)
        out.panels.append(heat(look, "matrix", "Tasks over time", note=note, log=False, rows=rows))
    if tasks.LOSS in signals:
        parts = signals[tasks.LOSS].parts
        few = f"{FEW} of {len(parts)} tasks" if len(parts) > FEW else ""
        out.lines(tasks.LOSS, "Loss of each task", few, parts[:FEW])
    if "loss" in signals:
        out.loss(height=150)
    for name in extra:
        out.signal(name)
    return out


def extras(signals: dict) -> list[str]:
    """What belongs to tasks and is not an evaluation: domains, head, modules."""
    return [name for name in (*DOMAIN, "loss_unweighted", *HEAD, "bottom_to_top") if name in signals]


def close_up(run, signal: str) -> None:
    """The gap after one boundary: which, its chart, its table."""
    st.subheader("After a boundary", anchor=False)
    there = tasks.boundaries(visits(run.id))
    if not there:
        st.caption(
            "No task began after another one here: mark them with `run.begin_task(name)`, and the first 100 steps "
            "after each are drawn large."
        )
        return
    names = {visit.start: f"{short(visit.task, 60)} from step {visit.start:,}" for visit in there}
    asked = selection.whole("boundary", there[-1].start, 0, 2**60)
    index = list(names).index(asked) if asked in names else len(names) - 1
    place = st.columns([1, 2])[0]
    start = place.selectbox("Boundary", list(names), index=index, format_func=names.get, label_visibility="collapsed")
    selection.keep_whole("boundary", start, there[-1].start)
    visit = next(one for one in there if one.start == start)
    try:
        rows, frames = _gap(data.stamp(run.id), run.id, signal, visit)
    except ValueError as error:
        st.caption(plain(str(error), 400))
        return
    if not rows:
        st.caption("No earlier task was evaluated before and after this boundary.")
        return
    worst = rows[0]
    note = "red: lowest · green: back at the level that lasts"
    note += f" · the {tasks.LINES} deepest" if len(rows) > tasks.LINES else ""
    spec = gap_chart("gap", tasks.headline(worst), note=note)
    sets = {"gap" + suffix: frame for suffix, frame in frames.items()}
    st.vega_lite_chart({**spec, "datasets": sets}, key=f"gap:{run.id}:{start}", width="stretch")
    sparse = (worst.until - worst.boundary) / max(1, worst.evaluations)
    if sparse > 5:
        st.caption(f"Evaluated every {sparse:.0f} steps only: the lowest point may lie between two evaluations.")
    with st.expander(f"{len(rows)} task{'s' * (len(rows) > 1)} in numbers", key="gaps"):
        st.dataframe(tasks.gap_table(rows), hide_index=True, column_config=GAPS, placeholder="–")


def measures(run, signal: str) -> None:
    """The table of measures with their noise."""
    st.subheader("Measures", anchor=False)
    count = size(run.id, signal)
    if count > DEAR and not st.toggle(f"Compute them from {count:,} evaluations", key="measures"):
        return
    try:
        with st.spinner("Measuring …"):
            record, found = measured(run.id, signal)
    except ValueError as error:
        st.warning(plain(str(error), 400), icon=":material/rule:")
        return
    frame, missing = tasks.table(found, discover())
    if len(frame):
        st.dataframe(frame, hide_index=True, column_config=COLUMNS, height="content", placeholder="–")
    if record.notes:
        with st.expander(f"How the record was read ({len(record.notes)})", key="notes"):
            for note in record.notes[:40]:
                st.caption(plain(note[:1].upper() + note[1:], 300) + ".")
    if missing:
        with st.expander(f"Not measured ({len(missing)})", key="unmeasured"):
            for sentence in missing:
                st.caption(plain(sentence, 300))


def inside(run, signals: dict) -> None:
    """Modules that change with the task, and how the gradients of domains agree."""
    if modules.CHANGE in signals:
        st.subheader("Modules", anchor=False)
        st.dataframe(_ranking(data.stamp(run.id), run.id), hide_index=True, column_config=MODULES, placeholder="–")
        st.caption(
            "Mean absolute change of a weight in a step: over the first 100 steps after a boundary and within tasks. "
            "Drift is relative to the weights, by the end of a task; the two rank modules otherwise."
        )
    cosines = modules.alignment(data.progress(run).latest)
    if cosines is not None:
        st.subheader("Gradients of domains", anchor=False)
        st.dataframe(cosines.style.format("{:.2f}"))
        st.caption("Cosine between the gradients of two domains: below 0 a step for one harms the other.")


def compare(run, runs: list, signal: str) -> None:
    """Runs as methods in one table, seeds together."""
    others = [one for one in runs if one.id != run.id and signal in data.signals(one.id)]
    if not others:
        return
    st.subheader("Methods", anchor=False)
    names = {one.id: short(one.name, 60) for one in [run, *others]}
    usual = [one for one in selection.runs() if one in names]
    if not usual and sum(size(one, signal) for one in names) <= CHEAP:
        usual = list(names)[:MANY]
    chosen = st.multiselect(
        "Runs",
        list(names),
        default=usual,
        format_func=names.get,
        label_visibility="collapsed",
        placeholder="runs to compare",
    )
    found, odd = {}, []
    for one in chosen:
        try:
            found[one] = measured(one, signal)[1]
        except ValueError as error:
            odd.append(f"{names[one]}: {error}")
    groups = methods.grouped([one for one in [run, *others] if one.id in found])
    means, errors = methods.table(groups, found, discover())
    if len(means):
        st.dataframe(methods.written(means, errors), hide_index=True)
        st.caption(
            "Runs whose configurations differ in the seed alone are one method: mean ± standard error over seeds."
        )
    for sentence in odd:
        st.caption(plain(sentence, 300))


CROWD = 120  # boundaries that can be told apart
MANY = 24  # runs that are compared unasked
COLUMNS = {
    "value": st.column_config.NumberColumn(format="%.4g"),
    "± error": st.column_config.NumberColumn(format="%.4f", help="standard error from the number of examples"),
    "by noise alone": st.column_config.NumberColumn(
        format="%.4f", help="what noise adds: the least of many noisy evaluations is too low"
    ),
    "every … steps": st.column_config.NumberColumn(
        format="%.3g", help="steps between two evaluations: at another cadence windows are another quantity"
    ),
    "is": st.column_config.TextColumn(width="large"),
}
GAPS = {
    name: st.column_config.NumberColumn(format="%.3f")
    for name in ("before", "lowest", "depth", "± error", "by noise alone", "level after", "persistent")
}
MODULES = {
    "across / within": st.column_config.NumberColumn(format="%.2f"),
    "across": st.column_config.NumberColumn(format="%.2e"),
    "within": st.column_config.NumberColumn(format="%.2e"),
    "drift": st.column_config.NumberColumn(format="%.3f"),
}
