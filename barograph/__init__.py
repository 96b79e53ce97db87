"""Barograph: records training runs, and shows, compares and forecasts them.

The public names load on first use: `import barograph` needs neither torch nor Streamlit.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_PLACES = {
    "watch": "collectors",
    "evaluator": "collectors",
    "every": "collectors",
    "log_spaced": "collectors",
    "Store": "db",
    "BarographError": "errors",
    "CannotForecast": "errors",
    "NoSuchRun": "errors",
    "NotRecorded": "errors",
    "StoreError": "errors",
    "forecast": "dashboard.analysis.forecasting",
}
__all__ = sorted(_PLACES)

try:
    __version__ = version("barograph")
except PackageNotFoundError:
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
