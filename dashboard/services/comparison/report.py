"""A comparison as a file: an HTML page, a picture, or its table."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ....db import Store
from ...charts.look import Look
from .. import frames
from ..frames import View
from .html_report import html_report
from .panels import Options, panels, specification
from .picture import picture
from .result import Comparison
from .tables import differences, for_spreadsheets, table

KINDS = ("html", "png", "svg", "csv", "parquet")


def saved(found: Comparison, drawn: Sequence[dict[str, Any]], data: Mapping[str, pd.DataFrame], kind: str) -> bytes:
    """A comparison as a file of one of KINDS."""
    if kind in ("csv", "parquet"):
        file = io.BytesIO()
        rows = table(found) if kind == "parquet" else for_spreadsheets(table(found))
        getattr(rows, f"to_{kind}")(file, index=False)
        return file.getvalue()
    spec = specification(drawn, found.axis)
    if kind in ("png", "svg"):
        return picture(spec, data, kind)
    tables = {"Runs": table(found), "What the configurations differ in": differences(found)}
    return html_report(f"{found.signal} of {len(found.results)} runs", spec, data, tables, found.notes).encode()


def rendered(store: Store, found: Comparison, kind: str, *, group: str = "") -> bytes:
    """A comparison as a file, drawn from the store; `group` is a key of the configuration to average over."""
    line = functools.partial(frames.line, store)
    drawn, data = panels(store, line, found, Options(View("", found.axis), group), Look(found.axis))
    return saved(found, drawn, data, kind)
