"""The signals: each file of this folder holds one, called `signal`."""

from __future__ import annotations

from ...plugins import members
from ..signal import Signal


def discover() -> dict[str, Signal]:
    """Name -> signal, for every file of this folder."""
    return members(__name__, Signal)
