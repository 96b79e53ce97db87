"""The parts of the Scaling page: the law and its charts, questions, the hold-out check, the joint law of curves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ....errors import BarographError, CannotForecast
from ....formatting import count, plain, short
from ....known_series import direction
from ...analysis.scaling import Fitted, ScalingTable, known_laws
from ...analysis.scaling.allocation import trades
from ...analysis.scaling.question import Question, QuestionKind, known_questions, parse_question
from ...charts.contours import contours
from ...charts.scaling import scaling
from ...charts.stack import stack
from ...services.scaling_table import ScalingRow
from .. import cache, url_state
from ..table import dataframe
from . import view
from .cached import drawn, fitted, held_out
from .rows import ends, joint_law, metrics

JOINT = {
    "value": st.column_config.NumberColumn(format="%.4g"),
    "90 % low": st.column_config.NumberColumn(format="%.4g"),
    "90 % high": st.column_config.NumberColumn(format="%.4g"),
}


NUMBERS = {
    "value": st.column_config.NumberColumn(format="%.5g"),
    "90 % low": st.column_config.NumberColumn(format="%.5g"),
    "90 % high": st.column_config.NumberColumn(format="%.5g"),
    "profile low": st.column_config.NumberColumn(format="%.5g"),
    "profile high": st.column_config.NumberColumn(format="%.5g"),
    "loss": st.column_config.NumberColumn(format="%.4f"),
    "truth": st.column_config.NumberColumn(format="%.4f"),
    "forecast": st.column_config.NumberColumn(format="%.4f"),
    "params": st.column_config.NumberColumn(format="compact"),
    "tokens": st.column_config.NumberColumn(format="compact"),
    "error, %": st.column_config.NumberColumn(format="%.2f"),
    "residual, %": st.column_config.NumberColumn(format="%.1f"),
}
ROBUST = "Fits without the rows that lie far from the law through the others. Published fits keep every row."
COMBINE = "Fits runs of different setups together (not recommended)."
USUAL = "chinchilla"
SIZES, TRENDS = ("params", "tokens", "unique_tokens", "width"), 8  # columns that are no metric; metrics shown at first
COLUMNS = {"params": "Parameters N", "tokens": "Tokens D", "unique_tokens": "Unique tokens"}
BEYOND = {"params": 10, "tokens": 10, "unique_tokens": 10}  # times the largest of the runs, where a question begins


def show(frame: pd.DataFrame) -> None:
    columns = {name: config for name, config in NUMBERS.items() if name in frame}
    dataframe(frame, hide_index=True, column_config=columns, placeholder="–")


def law(table: ScalingTable, chosen: list[ScalingRow]) -> None:
    """The law, its charts, the questions and the check."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    known = known_laws()
    names = [USUAL, *(name for name in known if name != USUAL), *(["joint"] if chosen else [])]
    titles = {"joint": "Joint law of whole curves"} | {k: f"{law.title}: {law.formula}" for k, law in known.items()}
    asked = st.query_params.get("law", USUAL)  # a bound control would write its label
    name = left.selectbox(
        "Law", names, names.index(asked) if asked in names else 0, format_func=lambda one: titles[one]
    )
    if name != asked:
        st.query_params["law"] = name
    with right.container(horizontal=True):
        mix = st.toggle("combine setups", False, key="mix", help=COMBINE)
        robust = st.toggle("leave out outliers", False, key="robust", bind="query-params", help=ROBUST)
    if name == "joint":
        joint(chosen, mix)
        return
    try:
        made = fitted(name, table, mix, robust)
    except BarographError as error:
        st.info(plain(str(error), 600), icon=":material/stacked_line_chart:")
        return
    for sentence in made.notes:
        st.caption(plain(sentence, 300))
    if trades(made):
        charts(made)
    st.caption(f"{len(made.table)} runs; single runs scatter around the law by {100 * made.noise:.2f} % (sd).")
    show(view.constants(made))
    if made.out.any():
        st.caption(f"Far from the law through the others; {'left out of' if robust else 'counted in'} the fit:")
        show(view.outliers(made))
    st.header("Questions", anchor=False)
    questions(made)
    st.header("Would it have been right?", anchor=False)
    found = check(name, table, mix, robust)
    if found is not None:
        show(found)
    st.header("Do other metrics move with scale?", anchor=False)
    trends(table, chosen)


def trends(table: ScalingTable, chosen: list[ScalingRow]) -> None:
    """The class of each metric's trend over compute: accuracies of tasks turn round, start late, or do not move."""
    ids = tuple(row.id for row in chosen)
    known = [name for name in table.columns if name not in (*SIZES, "steps", "batch")]
    names = metrics(cache.path(), ids) if chosen else known
    usual = [name for name in names if direction(name) != "neither"][:TRENDS]
    picked = st.multiselect("Metrics", names, usual, format_func=lambda name: short(name, 60), key="metrics")
    values = {name: ends(cache.path(), ids, name) if chosen else table.columns[name] for name in picked}
    if values:
        st.dataframe(view.trends(table.compute, values), hide_index=True)
    st.caption("Over compute, 6 * parameters * tokens. Only a metric that moves steadily may be extrapolated.")


def charts(made: Fitted) -> None:
    """Loss over compute, and tokens over parameters."""
    frames = drawn(made)
    left, right = st.columns(2)
    both = (
        (left, "scaling", stack([scaling()], "compute, FLOPs"), ("runs", "frontier", "sizes")),
        (right, "contours", stack([contours()], "parameters"), ("runs", "equal", "flops", "best")),
    )
    for place, key, spec, names in both:
        with place:
            st.vega_lite_chart({**spec, "datasets": {k: frames[k] for k in names}}, key=key, width="stretch")


def _ask(label: str, usual: float, key: str) -> float:
    """A number as people write sizes: 7e9, 1.4e12."""
    text = st.text_input(label, f"{usual:.3g}", key=f"{key}:{usual:.3g}")
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not value > 0 or not np.isfinite(value):
        st.caption(f"{plain(text, 20)} is not a number above 0; {usual:.3g} is used.")
        return usual
    return value


def questions(made: Fitted) -> None:
    """What this law can be asked, and what the address asks of it, each answer with its 90 % interval."""
    places = itertools.cycle(st.columns(4))
    point = {}
    for name in made.law.columns:
        usual = float(made.table.columns[name].max() * BEYOND.get(name, 2))
        with next(places):
            point[name] = _ask(COLUMNS.get(name, name.replace("_", " ").capitalize()), usual, f"ask:{name}")
    numbers: dict[str, float] = {}
    found = [_asked(kind, made, point, numbers, places) for kind in known_questions().values() if kind.fits(made)]
    for question in found:
        answer(made, question)
    for text in url_state.questions():
        try:
            answer(made, parse_question(text))
        except CannotForecast as error:
            st.caption(plain(str(error), 300))


def _asked(
    kind: QuestionKind,
    made: Fitted,
    point: Mapping[str, float],
    numbers: dict[str, float],
    places: Iterator[DeltaGenerator],
) -> Question:
    """The question of this kind; a number that it needs and no question before it did gets a box of its own."""
    asking = kind.ask(made, point)
    try:
        wanted = next(asking)
        while True:
            if wanted.name not in numbers:
                with next(places):
                    numbers[wanted.name] = _ask(wanted.title, wanted.usual, f"ask:{wanted.name}")
            wanted = asking.send(numbers[wanted.name])
    except StopIteration as done:
        question: Question = done.value
        return question


def answer(made: Fitted, question: Question) -> None:
    """One question with its answer, or with the reason why there is none."""
    try:
        found = question.apply(made)
    except BarographError as error:
        found = f"no answer, {error}"
    st.markdown(f"**{question.label}**: {plain(found, 600)}", help=f"In the address of this page: `ask={question}`")


def check(law: str, table: ScalingTable, mix: bool, robust: bool) -> pd.DataFrame | None:
    """The hold-out check, in one sentence and a table; None where it cannot be made, with the reason."""
    try:
        found = held_out(law, table, mix, robust)
    except BarographError as error:
        st.caption(f"No hold-out check: {plain(str(error), 400)}")
        return None
    st.caption(
        f"Fitted to the {len(found.fitted.table)} smaller runs, the {len(found.table)} largest were predicted with a "
        f"mean error of {100 * float(np.abs(found.errors).mean()):.2f} %; {int(found.inside.sum())} of "
        f"{len(found.table)} lie inside their 90 % interval."
    )
    return view.checked(found)


def joint(chosen: list[ScalingRow], mix: bool) -> None:
    """The joint law: all curves of several sizes in one fit, and what a size would give under a run's schedule."""
    setups = {row.setup for row in chosen}
    if len(setups) > 1 and not mix:
        st.info(f"These runs are of {len(setups)} setups: choose one, or turn on *combine setups*.")
        return
    batches = [row.columns["batch"] for row in chosen]
    if np.nanmax(batches) > 1.05 * np.nanmin(batches):
        st.caption(
            "Their batch sizes differ: this law counts optimizer steps, so batch size and model size are confounded."
        )
    try:
        made, largest = joint_law(cache.path(), tuple(row.id for row in chosen))
    except BarographError as error:
        st.info(plain(str(error), 400), icon=":material/stacked_line_chart:")
        return
    rows = [(name, one.mid, one.low, one.high) for name, one in made.values.items()]
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    with left:
        size = _ask("Parameters N", 4 * largest.setup.params, "ask:joint")
    end = made.predict(largest.schedule, size, [largest.schedule.total])[0]
    right.markdown(
        f"Under the schedule of the largest run ({largest.schedule.total:,} steps) {count(size)} parameters end at "
        f"**{end.mid:.4f}** ({end.span('{:.4f}'.format)}, 90 %)."
    )
    frame = pd.DataFrame(rows, columns=["constant", "value", "90 % low", "90 % high"])
    dataframe(frame, hide_index=True, column_config=JOINT)
