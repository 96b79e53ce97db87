"""Numbers about runs and tasks: numpy and scipy alone, one file each; measures of tasks are discovered.

`python -m dashboard.measures MATRIX.csv [BOUNDARIES.csv] --json` prints those of a table.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil

from .result import Measure


@functools.cache
def discover() -> dict[str, Measure]:
    """Name -> measure of tasks, for each that a module of this folder holds; in the order of their names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            continue
        for one in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(one, Measure):
                found[one.name] = one
    return dict(sorted(found.items()))
