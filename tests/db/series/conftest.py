"""A store with one series long enough for roll-ups of several levels."""

import numpy as np
import pytest

from barograph.db import Run, Store

STEPS = np.arange(20_000) * 2
VALUES = np.sin(STEPS)


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    opened.append(Run("r", "r"), {"loss": (STEPS, VALUES)})
    yield opened
    opened.close()
