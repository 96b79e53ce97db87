"""The dashboard as one ASGI application: `streamlit run app.py`."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

import dashboard.charts.loss  # noqa: F401
import dashboard.frames  # noqa: F401  the slow imports happen before the first visitor comes
from dashboard.routes import routes
from dashboard.watcher import lifespan

# Streamlit would serve the first visit of a deep link by its older system of pages, which knows no st.navigation.
PagesManager.uses_pages_directory = False

app = st.App("dashboard/main.py", routes=routes, lifespan=lifespan)
