"""Detectors of instabilities: causal, incremental, numpy and scipy alone; one file each."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from .detector import Detector


@functools.cache
def discover() -> dict[str, Detector]:
    """Name -> detector, for each module of this folder that holds one; in the order of their names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        one = getattr(importlib.import_module(f"{__name__}.{module.name}"), "detector", None)
        if isinstance(one, Detector):
            found[one.name] = one
    return found
