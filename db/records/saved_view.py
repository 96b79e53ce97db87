"""A saved view of a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SavedView:
    """A saved view of a page: `address` is what stands behind the "?" of its link."""

    name: str
    page: str
    address: str
