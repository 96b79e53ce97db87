"""Where the runs of a scaling law come from: the store, or a table that was uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from ....errors import BarographError
from ....formatting import plain, short
from ...analysis.scaling import ScalingTable, read_table
from ...analysis.scaling.table import ALIASES, guessed, header_of
from ...services import scaling_table
from ...services.scaling_table import READ, UNSIZED, ScalingRow
from .rows import losses, rows

USUAL = "validation loss, else training loss"
ROLES = {"loss": "Final loss", "params": "Parameters", "tokens": "Tokens", "name": "Name", "group": "Setup"}
NONE = "–"


def from_store() -> tuple[ScalingTable | None, list[ScalingRow]]:
    """The table of the chosen runs, and the runs; None where there are none."""
    found = rows()
    if not found:
        st.info("No finished run yet: scaling laws are fitted to final losses.", icon=":material/hourglass_empty:")
        return None, []
    other = losses()
    if other:
        bare = all(np.isnan(row.columns["loss"]) for row in found)
        signal = st.selectbox("Loss", [USUAL, *other], int(bare), key="loss", bind="query-params")
        found = rows("" if signal == USUAL else signal)
    found, explained = scaling_table.told_apart(found)
    setups = list(dict.fromkeys(row.setup for row in found))
    setups.sort(key=lambda setup: -sum(row.setup == setup for row in found))
    labels = {setup: f"{short(setup, 110)} · {sum(r.setup == setup for r in found)} runs" for setup in setups}
    chosen = st.multiselect("Setup", setups, setups[:1], format_func=lambda one: labels[one], key="setups")
    members = {row.id: row for row in found if row.setup in chosen}
    with st.expander(f"Runs ({len(members)})"):
        names = {key: short(row.name, 60) for key, row in members.items()}
        kept = st.multiselect("Runs", list(members), list(members), format_func=lambda one: names[one])
    picked = sized([members[key] for key in kept])
    if explained:
        st.caption(plain(f"Also different, as size, tokens or steps are: {', '.join(explained)}.", 400))
    for sentence in scaling_table.notes(picked):
        st.caption(plain(sentence, 500))
    return scaling_table.table(picked), picked


def sized(found: Sequence[ScalingRow]) -> list[ScalingRow]:
    """The rows with the sizes and tokens that the user fills in where some were not recorded."""
    if not any(row.note in (READ, UNSIZED) for row in found):
        return list(found)
    known = {name: [row.columns[name] for row in found] for name in ("params", "tokens")}
    frame = pd.DataFrame({"run": [short(row.name, 60) for row in found], **known})
    with st.expander("Sizes and tokens", expanded=bool(frame.isna().any(axis=None))):
        numbers = {name: st.column_config.NumberColumn(format="compact", min_value=0) for name in known}
        frame = st.data_editor(frame, hide_index=True, disabled=["run"], column_config=numbers, key="sizes")
    filled = zip(found, frame["params"].astype(float), frame["tokens"].astype(float), strict=True)
    return [replace(row, columns={**row.columns, "params": n, "tokens": d}) for row, n, d in filled]


def from_file() -> ScalingTable | None:
    """The table that was uploaded; None until there is one."""
    file = st.file_uploader("A table of finished runs, one a row: size, tokens, final loss", "csv")
    if file is None:
        st.caption(
            "Columns that a law needs beside these keep their names: unique_tokens, steps, batch, width. Runs of "
            "different setups are not fitted together."
        )
        return None
    try:
        text = file.getvalue().decode("utf-8", "replace")
        table = read_table(text, roles(header_of(text)))
    except BarographError as error:
        st.error(plain(str(error), 300), icon=":material/table_view:")
        return None
    groups = sorted(set(table.groups))
    if len(groups) > 1:
        group = st.selectbox("Group", [*groups, "all"], format_func=lambda name: short(name, 100))
        return table if group == "all" else table.group(group)
    return table


def roles(header: Sequence[str]) -> dict[str, str]:
    """Which column is what: a list a role, the guessed column chosen."""
    guess, out = guessed(header), {}
    for place, role in zip(st.columns(len(ROLES)), ALIASES, strict=True):
        options = [NONE, *header]
        index = options.index(guess[role]) if role in guess else 0
        chosen = place.selectbox(ROLES[role], options, index, format_func=lambda name: short(name, 60))
        if chosen != NONE:
            out[role] = chosen
    return out
