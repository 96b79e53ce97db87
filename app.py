"""The dashboard as one ASGI application: `streamlit run app.py`."""

import streamlit as st

from dashboard.routes import routes
from dashboard.watcher import lifespan

app = st.App("dashboard/main.py", routes=routes, lifespan=lifespan)
