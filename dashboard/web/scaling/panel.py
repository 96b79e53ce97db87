"""The parts of the Scaling page: the law and its charts, questions, the hold-out check, the joint law of curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from ....errors import BarographError
from ....formatting import count, plain
from ...analysis.scaling import Fitted, ScalingTable, known_laws
from ...charts.contours import contours
from ...charts.scaling import scaling
from ...charts.stack import stack
from ...services.scaling_table import ScalingRow
from .. import cache
from . import view
from .cached import drawn, fitted, held_out
from .rows import joint_law

JOINT = {
    "value": st.column_config.NumberColumn(format="%.4g"),
    "90 % from": st.column_config.NumberColumn(format="%.4g"),
    "90 % to": st.column_config.NumberColumn(format="%.4g"),
}


NUMBERS = {
    "value": st.column_config.NumberColumn(format="%.5g"),
    "90 % from": st.column_config.NumberColumn(format="%.5g"),
    "90 % to": st.column_config.NumberColumn(format="%.5g"),
    "profile from": st.column_config.NumberColumn(format="%.5g"),
    "profile to": st.column_config.NumberColumn(format="%.5g"),
    "loss": st.column_config.NumberColumn(format="%.4f"),
    "truth": st.column_config.NumberColumn(format="%.4f"),
    "forecast": st.column_config.NumberColumn(format="%.4f"),
    "compute": st.column_config.NumberColumn("compute, FLOPs", format="%.2e"),
    "params": st.column_config.NumberColumn(format="compact"),
    "tokens": st.column_config.NumberColumn(format="compact"),
    "error, %": st.column_config.NumberColumn(format="%.2f"),
    "residual, %": st.column_config.NumberColumn(format="%.1f"),
}
COMBINE = "Fits runs of different setups together (not recommended)."
USUAL = "chinchilla"


def show(frame: pd.DataFrame) -> None:
    columns = {name: config for name, config in NUMBERS.items() if name in frame}
    st.dataframe(frame, hide_index=True, column_config=columns, placeholder="–")


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
    mix = right.toggle("combine setups", False, key="mix", help=COMBINE)
    if name == "joint":
        joint(chosen, mix)
        return
    try:
        made = fitted(name, table, mix)
    except BarographError as error:
        st.info(plain(str(error), 600), icon=":material/stacked_line_chart:")
        return
    for sentence in made.notes:
        st.caption(plain(sentence, 300))
    if view.trades(made):
        charts(made)
    st.caption(f"{len(made.table)} runs; single runs scatter around the law by {100 * made.noise:.2f} % (sd).")
    show(view.constants(made))
    if made.out.any():
        st.caption("Outliers, left out of the fit:")
        show(view.outliers(made))
    st.subheader("Questions", anchor=False)
    questions(made)
    st.subheader("Would it have been right?", anchor=False)
    found = check(name, table, mix)
    if found is not None:
        show(found)


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
    """What this law can be asked, each answer with its 90 % interval."""
    table, left = made.table, 0
    columns = st.columns(4)
    at = {}
    labels = {"params": "Parameters N", "tokens": "Tokens D", "unique_tokens": "Unique tokens", "width": "Width"}
    for name in made.law.columns:
        usual = float(table.columns[name].max() * (10 if name in ("params", "tokens", "unique_tokens") else 2))
        with columns[left % 4]:
            at[name] = _ask(labels.get(name, name.replace("_", " ").capitalize()), usual, f"ask:{name}")
        left += 1
    answers = [("This point", lambda: view.at_point(made, at))]
    if view.trades(made):
        with columns[left % 4]:
            compute = _ask("Compute C, FLOPs", 6 * at["params"] * at["tokens"], "ask:compute")
        with columns[(left + 1) % 4]:
            loss = _ask("Target loss", float(0.97 * table.loss.min()), "ask:loss")
        answers += [
            (f"The best split of {compute:.2g} FLOPs", lambda: view.budget(made, compute)),
            ("Target loss", lambda: " ".join(view.target(made, loss, at["params"]))),
            ("Over-training", lambda: view.excess(made, at["params"], at["tokens"])),
            (
                "The next run, within the largest budget so far",
                lambda: view.proposal(made, at, float(table.compute.max())),
            ),
        ]
    if "R_D" in made.law.parameters:
        answers.append(("Repeating data", lambda: view.epochs(made)))
    if "B_star" in made.law.parameters:
        with columns[left % 4]:
            loss = _ask("Target loss", float(1.02 * table.loss.min()), "ask:loss")
        answers.append(("Batch size", lambda: " ".join(view.batch(made, at["params"], loss, at["batch"]))))
    if "p_e" in made.law.parameters:
        answers.append(("Encoder and decoder", lambda: view.shared(made)))
    if "vocab_params" in made.law.columns:
        with columns[left % 4]:
            budget = _ask("Compute C, FLOPs", 6 * (at["params"] + at["vocab_params"]) * at["tokens"], "ask:compute")
        answers.append(("Vocabulary", lambda: view.words(made, at["params"], budget)))
    for title, answer in answers:
        try:
            st.markdown(f"**{title}**: {plain(answer(), 600)}")
        except BarographError as error:
            st.markdown(f"**{title}**: no answer, {plain(str(error), 300)}")


def check(law: str, table: ScalingTable, mix: bool) -> pd.DataFrame | None:
    """The hold-out check, in one sentence and a table; None where it cannot be made, with the reason."""
    try:
        found = held_out(law, table, mix, None)
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
    frame = pd.DataFrame(rows, columns=["constant", "value", "90 % from", "90 % to"])
    st.dataframe(frame, hide_index=True, column_config=JOINT)
