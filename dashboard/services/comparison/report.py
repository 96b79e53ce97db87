"""A comparison of runs as a page and a report show it: its chart and its tables; no Streamlit."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ....formatting import number, short
from ...charts.look import TITLES, Look
from ...charts.overlay import overlay as lines
from ...charts.stack import stack
from ..frames import View
from . import curves as overlay
from .compare import Comparison, span, verdict
from .html_report import html_report
from .picture import picture


@dataclass(frozen=True)
class Shown:
    """What of a comparison is drawn: the `key` of the configuration to group by ("": single runs).

    `close`: the y axis leaves out the steep beginning and what spikes above it, and says so."""

    view: View
    key: str = ""
    close: bool = False


def chart(
    store: Any,
    line: Callable[[View, str], dict[str, pd.DataFrame]],
    found: Comparison,
    shown: Shown,
    look: Look,
) -> tuple[list[dict], dict[str, pd.DataFrame]]:
    """The panels and their frames: curves or groups, and below them the difference to the reference."""
    runs = [one.run for one in found.lines]
    labels, unit = overlay.names(runs), found.unit
    if shown.key:
        kinds = overlay.groups(runs, shown.key)
        curves = overlay.spread(store, shown.view, kinds, found.signal)
        order = tuple(dict.fromkeys(curves[""]["part"])) if len(curves[""]) else ()
        note = f"mean of the runs with the same {short(shown.key, 60)} · band: one standard deviation to each side"
    else:
        curves = overlay.curves(line, shown.view, labels, found.signal)
        order, note = tuple(labels.values()), "smoothed for the eye · thin rules: every spike"
    frames = {f"curves{k}": v for k, v in curves.items()}
    span, outside = overlay.close(curves[""]) if shown.close and not look.log_y else (None, "")
    head, band = short(found.signal, 60), bool(shown.key)
    panels = [lines(look, "curves", head, order, unit=unit, note=note + outside, band=band, span=span)]
    gaps = overlay.gaps(store, shown.view, labels, found.reference, found.signal)
    frames |= {f"gaps{k}": v for k, v in gaps.items()}
    frames["zero"] = pd.DataFrame({"zero": [0.0]})
    flat, told = Look(look.axis, look.log_x, False, look.domain), "means over bins · band: 90 %, from the noise of both"
    head, order = f"Difference to {labels[found.reference]}", tuple(labels.values())
    panels.append(lines(flat, "gaps", head, order, unit=unit, note=told, zero=True, band=True, height=170))
    return panels, frames


def specification(panels: Sequence[dict], axis: str) -> dict:
    return stack(panels, TITLES[axis])


def table(found: Comparison) -> pd.DataFrame:
    """A row a run, the best first."""
    unit = {"step": "steps", "tokens": "tokens", "time": "hours", "flops": "FLOPs", "epoch": "epochs"}[found.axis]
    scale = 1 / 3600 if found.axis == "time" else 1.0
    rows = []
    for one in found.lines:
        end, against = one.end, one.difference
        rows.append(
            {
                "run": short(one.run.name, 90),
                "state": one.run.state,
                "last step": one.run.last_step,
                "final": end.value if end else np.nan,
                "±": end.error if end else np.nan,
                "best": one.best,
                "difference": against.value.mid if against else np.nan,
                "90 % from": against.value.low if against else np.nan,
                "90 % to": against.value.high if against else np.nan,
                "so it is": "reference" if one.run.id == found.reference else verdict(found, one) or one.said,
                f"{unit} to {number(found.target, 5)}": span(one.reach, scale),
                "speed-up": span(one.speedup),
                "LR left": one.lr_left,
            }
        )
    frame = pd.DataFrame(rows)
    frame = frame.sort_values("final", ascending=found.better != "higher", na_position="last", kind="stable")
    return frame.dropna(axis=1, how="all").reset_index(drop=True)


def differences(found: Comparison, words: str = "") -> pd.DataFrame:
    """In what the configurations differ: a row a key, a column a run; only keys that hold every one of `words`."""
    labels = list(overlay.names([one.run for one in found.lines]).values())
    wanted = words.lower().split()
    rows = [
        {"key": short(key, 120), **{label: short(str(v), 200) for label, v in zip(labels, values, strict=True)}}
        for key, values in found.config.items()
        if all(word in f"{key} {values}".lower() for word in wanted)
    ]
    return pd.DataFrame(rows)


def saved(found: Comparison, panels: Sequence[dict], frames: dict[str, pd.DataFrame], kind: str) -> bytes:
    """A comparison as a file of this kind: html, png, svg, or its table as csv or parquet."""
    if kind in ("csv", "parquet"):
        held = io.BytesIO()
        getattr(table(found), f"to_{kind}")(held, index=False)
        return held.getvalue()
    spec = specification(panels, found.axis)
    if kind in ("png", "svg"):
        return picture(spec, frames, kind)
    tables = {"Runs": table(found), "What the configurations differ in": differences(found)}
    return html_report(f"{found.signal} of {len(found.lines)} runs", spec, frames, tables, found.told).encode()
