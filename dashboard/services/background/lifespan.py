"""What starts and ends with the server."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ....errors import StoreError
from .log_follower import LogFollower, followed_by_default
from .watcher import Watcher

log = logging.getLogger("barograph.server")


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[dict[str, Any]]:
    """Starts the watcher, and whatever follows folders of logs, with the server and ends them with it."""
    path = os.environ.get("BAROGRAPH_STORE", "runs.db")
    try:
        watcher, follower = Watcher(path), LogFollower(path, followed_by_default())
    except StoreError as error:  # the pages show it, too
        log.warning("%s", error)
        yield {}
        return
    watcher.start()
    follower.start()
    try:
        yield {"watcher": watcher}
    finally:
        follower.stop()
        watcher.stop()
