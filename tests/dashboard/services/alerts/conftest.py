"""A store whose alerts go to a service on this machine."""

import threading

import numpy as np
import pytest

from barograph.db import Run, Store
from tests.dashboard.services.alerts.inbox import Inbox


@pytest.fixture
def inbox():
    server = Inbox()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path, inbox):
    (tmp_path / "barograph.toml").write_text(
        f'[alerts]\nurls = ["{inbox.url}"]\ninterval = 0.2\nlink = "http://here:8501/"\n'
    )
    store = Store(tmp_path / "runs.db")
    store.append(Run("r-1", "llama 110m"), {"loss": (np.arange(2000), np.linspace(3, 2, 2000))})
    return store
