"""Detectors of instabilities: causal and incremental; one file each, in a folder by what they read."""

from __future__ import annotations

from functools import cache

from ....plugins import members
from .detector import Detector


@cache
def discover() -> dict[str, Detector]:
    """Name -> detector, for each that a module below this folder holds; in the order of their names."""
    return members(__name__, Detector)
