"""The signals: each file of this folder holds one, called `signal`."""

from __future__ import annotations

import importlib
import pkgutil

from ..signal import Signal


def discover() -> dict[str, Signal]:
    """Name -> signal, for every file of this folder."""
    found = (importlib.import_module(f"{__name__}.{m.name}").signal for m in pkgutil.iter_modules(__path__))
    return {signal.name: signal for signal in found}
