"""The store: SQLite tables, and beside them the journals that training appends to.

This room knows neither torch nor Streamlit. `Store` reads and edits, `RunWriter` is what a training process holds, the
records are what both speak of. Each layer imports only from those before it:

    records, places         plain values; paths, file systems, processes
    tables                  the SQLite file: how it is opened, its schema and migrations
    series                  points as tiles with their roll-ups
    journal                 the files that training appends to, and how they are folded into the tables
    reading                 tables and journals at one moment, each question a function
    the files of this folder  what is written from outside of training, `Store`, `RunWriter`
    exchange                what exports and imports share
    export, importers       a run as a file for other tools; their logs as runs
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if __name__ == "db":
    raise ImportError("`db` is a part of barograph since 0.2: write `from barograph import Store`")

from .records import Attempt, Buckets, Description, Evaluation, Event, Finding, Plan, Prediction, Run, SavedView, Series

if TYPE_CHECKING:
    from .store import Store
    from .writer import RunWriter, new_id

__all__ = [
    "Attempt",
    "Buckets",
    "Description",
    "Evaluation",
    "Event",
    "Finding",
    "Plan",
    "Prediction",
    "Run",
    "RunWriter",
    "Series",
    "Store",
    "SavedView",
    "new_id",
]
_LAZY = {"Store": "store", "RunWriter": "writer", "new_id": "writer"}  # so that the records come without SQLAlchemy


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_LAZY[name]}", __name__), name)
