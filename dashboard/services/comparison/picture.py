"""A chart outside of the dashboard: its specification with the data and colours in it, and as PNG or SVG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

WIDTH = 960  # pixels of a panel
# What the light theme of the dashboard makes of these names; a file has no theme.
COLORS = {
    "blue": "#033d78", "orange": "#da3a00", "green": "#0a4c31", "violet": "#6164e9", "red": "#e31964",
    "yellow": "#663a00", "gray": "#64768a",
}  # fmt: skip
WORDS = ("domain", "title", "text", "subtitle")  # of a specification: what they hold are names, never colours


def picture(spec: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], kind: str) -> bytes:
    """The chart as "png" or "svg"."""
    import vl_convert

    drawn = {**complete(spec, frames), "background": "white"}
    if kind == "svg":
        return vl_convert.vegalite_to_svg(drawn).encode()
    return vl_convert.vegalite_to_png(drawn, scale=2)


def complete(spec: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """A specification with its data inside and colours of its own; a data set that no frame is given for is empty."""
    found = _colored(json.loads(json.dumps(spec)))
    for panel in found["vconcat"]:
        panel["width"] = WIDTH
    named = {name: json.loads(frame.to_json(orient="records")) for name, frame in frames.items()}
    return {**found, "datasets": {**dict.fromkeys(_names(found), []), **named}}


def _colored(node: Any) -> Any:
    """The theme's colour names by what they mean, wherever a specification names a colour."""
    if isinstance(node, dict):
        return {key: value if key in WORDS else _colored(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_colored(value) for value in node]
    return COLORS.get(node, node) if isinstance(node, str) else node


def _names(node: Any) -> set[str]:
    """The data sets that a specification asks for by name."""
    if isinstance(node, dict):
        own = {node["data"]["name"]} if isinstance(node.get("data"), dict) and "name" in node["data"] else set()
        return own.union(*(_names(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_names(value) for value in node)) if node else set()
    return set()
