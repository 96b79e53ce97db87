"""What the server runs beside Streamlit's own: the pages' frame, our routes, and the watcher's life."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from ..charts import loss as _  # noqa: F401  the slow imports happen before the first visitor comes
from ..services import frames as _frames  # noqa: F401
from ..services.access import token
from ..services.background.lifespan import lifespan
from .gate import Gate
from .routes import routes

# Streamlit would serve the first visit of a deep link by its older system of pages, which knows no st.navigation.
PagesManager.uses_pages_directory = False


@asynccontextmanager
async def _life(app: object) -> AsyncIterator[dict[str, Any]]:
    """Says how to be more than a visitor, and runs what runs beside the pages."""
    if not token.current():  # else whoever gave it has said so
        os.environ[token.VARIABLE] = token.given_or_new()
        print(f"{token.FOR_OTHERS}: this address with {token.link(token.current())}", flush=True)
    async with lifespan(app) as state:
        yield state


SERVED: dict[str, Any] = {
    "script_path": str(Path(__file__).with_name("main.py")),
    "routes": routes,
    "middleware": [Middleware(Gate)],
    "lifespan": _life,
}
