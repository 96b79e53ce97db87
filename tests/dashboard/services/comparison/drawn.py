"""A comparison of runs with hostile names, drawn."""

from pathlib import Path
from typing import Any

import pandas as pd

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services import frames
from barograph.dashboard.services.comparison.compare import compare
from barograph.dashboard.services.comparison.panels import Options, panels, specification
from barograph.dashboard.services.comparison.result import Comparison
from tests.dashboard import made_up
from tests.dashboard.made_up_sweep import sweep


def drawn_comparison(path: Path) -> tuple[Comparison, dict[str, Any], dict[str, pd.DataFrame]]:
    """The comparison, its specification and the data of it."""
    store = sweep(path, names=made_up.HOSTILE)
    found = compare(store, store.runs())
    line = lambda view, name: frames.line(store, view, name)  # noqa: E731
    drawn, data = panels(store, line, found, Options(frames.View("")), Look())
    return found, specification(drawn, "step"), data
