"""What a larger model, more data or another batch would give, from the runs there are."""

import streamlit as st

from barograph.dashboard.analysis.scaling import known_laws, read_table
from barograph.dashboard.services import scaling_table
from barograph.dashboard.web.scaling import panel as scaling_panel
from barograph.dashboard.web.scaling import view as scales
from barograph.dashboard.web.scaling.rows import rows
from barograph.formatting import plain, short

STORE, FILE = "runs of this store", "a table (CSV)"
USUAL = "chinchilla"
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
    "away, %": st.column_config.NumberColumn(format="%.1f"),
}


def show(frame) -> None:
    st.dataframe(frame, hide_index=True, column_config={k: v for k, v in NUMBERS.items() if k in frame})


def from_store():
    """The table of the chosen runs, and the runs; None where there are none."""
    found = rows()
    if not found:
        st.info("No finished run yet: scaling laws are fitted to final losses.", icon=":material/hourglass_empty:")
        return None, []
    setups = list(dict.fromkeys(row.setup for row in found))
    setups.sort(key=lambda setup: -sum(row.setup == setup for row in found))
    labels = {setup: f"{short(setup, 110)} · {sum(r.setup == setup for r in found)} runs" for setup in setups}
    chosen = st.multiselect("Setup", setups, setups[:1], format_func=labels.get, key="setups")
    members = {row.id: row for row in found if row.setup in chosen}
    with st.expander(f"Runs ({len(members)})"):
        names = {key: short(row.name, 60) for key, row in members.items()}
        kept = st.multiselect("Runs", list(members), list(members), format_func=names.get)
    chosen = [members[key] for key in kept]
    for sentence in scaling_table.notes(chosen):
        st.caption(plain(sentence, 500))
    return scaling_table.table(chosen), chosen


def from_file():
    """The table that was uploaded; None until there is one."""
    file = st.file_uploader("Columns params, tokens, loss; unique_tokens, steps, batch, width, group as needed", "csv")
    if file is None:
        st.caption("One row a finished run. `group` names what it was trained with: groups are not mixed.")
        return None
    try:
        table = read_table(file.getvalue().decode("utf-8", "replace"))
    except ValueError as error:
        st.error(plain(str(error), 300), icon=":material/table_view:")
        return None
    groups = sorted(set(table.groups))
    if len(groups) > 1:
        group = st.selectbox("Group", [*groups, "all"], format_func=lambda name: short(name, 100))
        return table if group == "all" else table.group(group)
    return table


def fitted(table, chosen) -> None:
    """The law, its charts, the questions and the check."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    known = known_laws()
    names = [USUAL, *(name for name in known if name != USUAL), *(["joint"] if chosen else [])]
    titles = {"joint": "Joint law of whole curves"} | {k: f"{law.title}: {law.formula}" for k, law in known.items()}
    asked = st.query_params.get("law", USUAL)  # a bound control would write its label
    law = left.selectbox("Law", names, names.index(asked) if asked in names else 0, format_func=titles.get)
    if law != asked:
        st.query_params["law"] = law
    mix = right.toggle("mix setups", False, key="mix", help="Fit runs of different setups together, knowing better.")
    if law == "joint":
        scaling_panel.joint(chosen, mix)
        return
    try:
        made = scales.fitted(law, table, mix)
    except ValueError as error:
        st.info(plain(str(error), 600), icon=":material/stacked_line_chart:")
        return
    for sentence in made.said:
        st.caption(plain(sentence, 300))
    if scales.trades(made):
        scaling_panel.charts(made)
    st.caption(f"{len(made.table)} runs; a single run lies {100 * made.noise:.2f} % (sd) around the law.")
    show(scales.constants(made))
    if made.out.any():
        st.caption("Left out, as they lie far from the law through the others:")
        show(scales.outliers(made))
    st.subheader("Questions", anchor=False)
    scaling_panel.questions(made)
    st.subheader("Would it have been right?", anchor=False)
    found = scaling_panel.check(law, table, mix)
    if found is not None:
        show(found)


def page() -> None:
    source = st.segmented_control(
        "Source", [STORE, FILE], default=STORE, required=True, key="source", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        table, chosen = from_store() if source == STORE else (from_file(), [])
    except ValueError as error:
        st.error(plain(str(error), 300), icon=":material/database_off:")
        return
    if table is not None and len(table):
        fitted(table, chosen)
    elif table is not None:
        st.caption("Choose runs above.")


page()
