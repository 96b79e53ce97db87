"""What the server runs beside Streamlit's own: the pages' frame, our routes, and the watcher's life."""

from pathlib import Path
from typing import Any

from streamlit.runtime.pages_manager import PagesManager

from ..charts import loss as _  # noqa: F401  the slow imports happen before the first visitor comes
from ..services import frames as _frames  # noqa: F401
from ..services.background.lifespan import lifespan
from .routes import routes

# Streamlit would serve the first visit of a deep link by its older system of pages, which knows no st.navigation.
PagesManager.uses_pages_directory = False

SERVED: dict[str, Any] = {
    "script_path": str(Path(__file__).with_name("main.py")),
    "routes": routes,
    "lifespan": lifespan,
}
