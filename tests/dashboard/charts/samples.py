"""Looks that every panel is drawn with, and how a panel is read."""

from __future__ import annotations

from typing import Any

from barograph.dashboard.charts.look import Look

LOOKS = [Look(), Look("tokens"), Look("time"), Look("flops", log_x=True, log_y=True), Look("step", domain=(10.0, 20.0))]


def marks(panel: dict[str, Any]) -> list[tuple[str, str]]:
    """Mark and data set of each layer, from the lowest up."""
    return [(layer["mark"]["type"], layer["data"].get("name", "")) for layer in panel["layer"]]


def of(panel: dict[str, Any], mark: str, data: str) -> dict[str, Any]:
    """The encoding of the first such layer."""
    return next(
        layer["encoding"]
        for layer in panel["layer"]
        if layer["mark"]["type"] == mark and layer["data"].get("name") == data
    )
