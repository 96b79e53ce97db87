"""All runs in one table: find, choose, rename, delete, open."""

import streamlit as st

from barograph.dashboard.web import cache
from barograph.dashboard.web.runs import dialogs, panel
from barograph.errors import StoreError


def page() -> None:
    try:
        runs = cache.runs()
    except StoreError as error:
        st.error(str(error), icon=":material/database_off:")
        return
    if not runs:
        panel.welcome()
        return
    panel.listing(runs, *panel.filters())
    dialogs.answer(runs)


page()
