"""A store in the working directory, and a free port."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from barograph.db import Run, Store


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The path of a store with two runs, in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "runs.db"
    opened = Store(path)
    steps = np.arange(1500)
    first = Run("id-a", "[red]a[/red]", state="finished", started=1e9, ended=1e9 + 7300, steps_planned=1500)
    opened.append(first, {"loss": (steps, 3 - steps / 1000), ("lr", "0"): (steps, steps / 1e6)})
    opened.append(Run("id-b", "b\x1b[31m", state="diverged", started=2e9), {"loss": ([0, 1], [1.0, float("nan")])})
    opened.close()
    return path


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
