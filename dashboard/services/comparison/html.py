"""A view as a file: one HTML page that needs no server, a picture, or a table."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

WIDTH = 960  # pixels of a panel
# What the theme of the dashboard makes of these names; a file has no theme.
COLORS = {
    "blue": "#1c83e1", "orange": "#f58518", "green": "#21a366", "violet": "#7d5fd3", "red": "#e04848",
    "yellow": "#d8a800", "gray": "#84888f",
}  # fmt: skip
WORDS = ("domain", "title", "text", "subtitle")  # of a specification: what they hold are names, never colours

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1080px; margin: 2.5rem auto; padding: 0 1rem; color: #262730; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
table { display: block; overflow-x: auto; }
th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid #e6e6ea; white-space: nowrap; }
p { color: #555; margin: .2rem 0; } #chart { width: 100%; }
"""


def page(
    title: str, spec: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame],
    told: Sequence[str],
) -> str:  # fmt: skip
    """One HTML file with an interactive chart, tables and sentences; every text from outside is inert in it."""
    import vl_convert

    drawn = {**complete(spec, frames), "config": {"background": "white", **spec.get("config", {})}}
    data = json.dumps(drawn).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    bundle = vl_convert.javascript_bundle().replace("</script", "<\\/script")
    sections = "".join(
        f"<h2>{html.escape(name)}</h2>\n{_table(table)}\n" for name, table in tables.items() if len(table)
    )
    sentences = "".join(f"<p>{html.escape(line)}</p>\n" for line in told)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n"
        f'<script type="module">{bundle}\nwindow.vegaEmbed("#chart", {data}, {{actions: false, renderer: "canvas"}});'
        f"</script></head>\n<body><h1>{html.escape(title)}</h1>\n{sentences}"
        f'<div id="chart"></div>\n{sections}</body></html>\n'
    )


def picture(spec: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], kind: str) -> bytes:
    """The chart as "png" or "svg"."""
    import vl_convert

    drawn = {**complete(spec, frames), "background": "white"}
    if kind == "svg":
        return vl_convert.vegalite_to_svg(drawn).encode()
    return vl_convert.vegalite_to_png(drawn, scale=2)


def complete(spec: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> dict:
    """A specification with its data inside and colours of its own; what no frame is there for is empty."""
    found = _colored(json.loads(json.dumps(spec)))
    for panel in found["vconcat"]:
        panel["width"] = WIDTH
    named = {name: json.loads(frame.to_json(orient="records")) for name, frame in frames.items()}
    return {**found, "datasets": {**dict.fromkeys(_names(found), []), **named}}


def _table(frame: pd.DataFrame) -> str:
    return frame.to_html(index=False, escape=True, border=0, na_rep="–", float_format=lambda v: f"{v:.5g}")


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
