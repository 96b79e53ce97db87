"""Where the runs of a scaling law come from: the store, or a table that was uploaded."""

from __future__ import annotations

import streamlit as st

from ....errors import BarographError
from ....formatting import plain, short
from ...analysis.scaling import ScalingTable, read_table
from ...services import scaling_table
from ...services.scaling_table import ScalingRow
from .rows import rows


def from_store() -> tuple[ScalingTable | None, list[ScalingRow]]:
    """The table of the chosen runs, and the runs; None where there are none."""
    found = rows()
    if not found:
        st.info("No finished run yet: scaling laws are fitted to final losses.", icon=":material/hourglass_empty:")
        return None, []
    setups = list(dict.fromkeys(row.setup for row in found))
    setups.sort(key=lambda setup: -sum(row.setup == setup for row in found))
    labels = {setup: f"{short(setup, 110)} · {sum(r.setup == setup for r in found)} runs" for setup in setups}
    chosen = st.multiselect("Setup", setups, setups[:1], format_func=lambda one: labels[one], key="setups")
    members = {row.id: row for row in found if row.setup in chosen}
    with st.expander(f"Runs ({len(members)})"):
        names = {key: short(row.name, 60) for key, row in members.items()}
        kept = st.multiselect("Runs", list(members), list(members), format_func=lambda one: names[one])
    picked = [members[key] for key in kept]
    for sentence in scaling_table.notes(picked):
        st.caption(plain(sentence, 500))
    return scaling_table.table(picked), picked


def from_file() -> ScalingTable | None:
    """The table that was uploaded; None until there is one."""
    file = st.file_uploader("Columns params, tokens, loss; unique_tokens, steps, batch, width, group as needed", "csv")
    if file is None:
        st.caption("One row a finished run. Runs of different `group` are not fitted together.")
        return None
    try:
        table = read_table(file.getvalue().decode("utf-8", "replace"))
    except BarographError as error:
        st.error(plain(str(error), 300), icon=":material/table_view:")
        return None
    groups = sorted(set(table.groups))
    if len(groups) > 1:
        group = st.selectbox("Group", [*groups, "all"], format_func=lambda name: short(name, 100))
        return table if group == "all" else table.group(group)
    return table
