"""The dashboard: `streamlit run app.py`, which looks for an `st.App` by reading this file."""

import streamlit as st

from barograph.dashboard.web.server import SERVED

app = st.App(**SERVED)
