"""What is below the chart of a comparison: configurations, decayed losses, coefficients, the sweep, files."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from ....db.records import Run
from ....errors import BarographError
from ....formatting import number, plain, short
from ...services.comparison.domains import excess
from ...services.comparison.lr_sweep import lr_sweep
from ...services.comparison.report import saved
from ...services.comparison.result import Comparison
from ...services.comparison.tables import differences
from .. import cache
from ..forecast import decisions
from ..table import dataframe

LOSS = st.column_config.NumberColumn(format="%.4f")
MOST = 20  # runs that are fitted at once
FILES = {
    "HTML, interactive": "html",
    "PNG": "png",
    "SVG": "svg",
    "CSV (table)": "csv",
    "Parquet (table)": "parquet",
}


def draw(runs: Sequence[Run], found: Comparison, panels: list[dict], frames: dict[str, pd.DataFrame]) -> None:
    names = ["Configurations", "If decayed now", "Fitted coefficients", "Learning-rate sweep", "By domain", "Save as"]
    differ, decayed, fitted, swept, by_domain, save_as = st.tabs(names)
    with differ:
        configurations(found)
    with decayed:
        if st.toggle("Forecast each run's loss if its learning rate were decayed now", key="decayed"):
            dataframe(decisions.several(runs[:MOST]), hide_index=True, placeholder="–")
        st.caption(
            "A run whose learning rate has not decayed yet has a higher loss than it will end with: compare runs by "
            "the loss if decayed now."
        )
    with fitted:
        if st.toggle("Fit each run's loss as L0 + (B / step)^a", key="fitted"):
            dataframe(decisions.coefficients(runs[:MOST]), hide_index=True, placeholder="–")
        st.caption(
            "A smaller B: the run is faster at any loss. A larger a: it gains on the others. L0: the loss it tends to."
        )
    with swept:
        sweep(runs, found.signal)
    with by_domain:
        domains(found)
    with save_as:
        files(found, panels, frames)


def configurations(found: Comparison) -> None:
    """In what the configurations differ."""
    words = st.text_input("Search keys and values", key="words", placeholder="lr, width, 0.1 …")
    rows = differences(found, words)
    if len(rows):
        dataframe(rows, hide_index=True)
    else:
        st.caption("The configurations do not differ." if not found.config else "No key matches.")


def sweep(runs: Sequence[Run], signal: str) -> None:
    """How much the final loss depends on the learning rate, where the runs are a sweep over it."""
    try:
        found = lr_sweep(cache.store(), runs, signal)
    except BarographError as error:
        st.caption(f"No sweep over the learning rate: {plain(str(error), 300)}.")
        return
    rates, best = found.rates, found.sensitivity
    st.metric("LR sensitivity", number(best.value), help="Mean over the grid of min(final, start) - best, in nats.")
    st.caption(
        f"{len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}; best loss {number(best.best)} at "
        f"{best.best_rate:g}; {best.failed} runs did not end below their first loss. A small sensitivity means that "
        "almost any rate will do."
    )
    dataframe(found.table(), hide_index=True)


def domains(found: Comparison) -> None:
    """Where each run is still worse than the reference, domain by domain."""
    rows = excess(cache.store(), found)
    if not len(rows):
        st.caption("No losses by domain: record them with run.log(sample_loss=losses, domain=names).")
        return
    st.dataframe(rows, hide_index=True, column_config=dict.fromkeys(rows.columns[1:], LOSS), placeholder="–")
    st.caption("Excess loss over the reference, max(loss - reference, 0): a domain with more of it has more to gain.")


def files(found: Comparison, panels: list[dict], frames: dict[str, pd.DataFrame]) -> None:
    """The view as a file, made when it is asked for; and the link that reproduces it is the address itself."""
    st.caption("The address of this page is a link to this view.")
    kind = FILES[st.segmented_control("As", list(FILES), default="HTML, interactive", required=True, key="kind")]
    if st.button("Make the file", icon=":material/description:"):
        content = saved(found, panels, frames, kind)
        named = re.sub(r"[^\w.-]+", "_", short(" ".join(one.run.name for one in found.results), 80))
        st.download_button("Download", content, f"{named}.{kind}", icon=":material/download:", type="primary")
