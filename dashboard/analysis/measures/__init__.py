"""Numbers about runs and tasks: numpy and scipy alone, one file each; measures of tasks are discovered.

`python -m barograph.dashboard.analysis.measures MATRIX.csv [BOUNDARIES.csv] --json` prints those of a table.
"""

from __future__ import annotations

from functools import cache

from ....plugins import members
from ._support.result import Measure


@cache
def discover() -> dict[str, Measure]:
    """Name -> measure of tasks, for each that a module of this folder holds; in the order of their names."""
    return members(__name__, Measure)
