"""A chart with its tables and notes as one HTML page that needs no server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .picture import complete


def html_report(
    title: str,
    spec: Mapping[str, Any],
    frames: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    notes: Sequence[str],
) -> str:
    """One HTML file with an interactive chart, tables and sentences; every text from outside is inert in it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    drawn = {**complete(spec, frames), "config": {"background": "white", **spec.get("config", {})}}
    return environment.get_template("report.html.jinja").render(
        title=title,
        vega=Markup(_vega()),
        specification=drawn,
        notes=notes,
        tables=[(heading, Markup(_table(table))) for heading, table in tables.items() if len(table)],
    )


def _vega() -> str:
    """Vega, Vega-Lite and vegaEmbed as one script that may stand in a page."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub lacks the default
    return bundle.replace("</script", "<\\/script")


def _table(frame: pd.DataFrame) -> str:
    return frame.to_html(index=False, escape=True, border=0, na_rep="–", float_format=lambda v: f"{v:.5g}")
