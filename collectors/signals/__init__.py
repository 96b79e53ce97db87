"""The signals: a file for each family of them; adding one is adding a file or a `Signal(...)` to one."""

from __future__ import annotations

from ...plugins import members
from ..signal import Signal


def discover() -> dict[str, Signal]:
    """Name -> signal, for every `Signal` in the files of this folder."""
    return members(__name__, Signal)
