"""What a larger model, more data or another batch would give, from the runs there are."""

import streamlit as st

from barograph.dashboard.web.scaling import panel, source
from barograph.errors import StoreError
from barograph.formatting import plain

STORE, FILE = "runs of this store", "a table (CSV)"


def page() -> None:
    chosen = st.segmented_control(
        "Source", [STORE, FILE], default=STORE, required=True, key="source", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        table, runs = source.from_store() if chosen == STORE else (source.from_file(), [])
    except StoreError as error:
        st.error(plain(str(error), 300), icon=":material/database_off:")
        return
    if table is not None and len(table):
        panel.law(table, runs)
    elif table is not None:
        st.caption("Choose runs above.")


page()
