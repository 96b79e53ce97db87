"""The chart of a comparison: the runs' curves or groups, and below them the difference to the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ....db import Store
from ....formatting import short
from ....known_series import known
from ...charts.look import TITLES, Look
from ...charts.overlay import overlay
from ...charts.stack import stack
from ..close_up import NO_MARKS
from ..frames import View
from . import run_curves
from .result import Comparison

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Options:
    """What of a comparison is drawn: the key of the configuration to `group` by ("": single runs).

    `close_up`: the y axis leaves out the steep beginnings and spikes, which are marked at its edges."""

    view: View
    group: str = ""
    close_up: bool = False


def panels(
    store: Store, line: Callable[[View, str], Frames], found: Comparison, options: Options, look: Look
) -> tuple[list[dict[str, Any]], Frames]:
    """The panels and their frames; `line` reads one run's series for a chart, as `frames.line` does."""
    runs = [one.run for one in found.results]
    labels, unit, view = run_curves.names(runs), found.unit, options.view
    if options.group:
        kinds = run_curves.groups(runs, options.group)
        curves = run_curves.spread(store, view, kinds, found.signal)
        order = tuple(dict.fromkeys(curves[""]["part"])) if len(curves[""]) else ()
        note = f"mean of the runs with the same {short(options.group, 60)} · band: one standard deviation to each side"
    else:
        curves = run_curves.curves(line, view, labels, found.signal)
        order, note = tuple(labels.values()), "smoothed; thin lines show min to max"
    close = options.close_up and not look.log_y
    span, words, curves[".beyond"] = run_curves.close_up(curves[""]) if close else (None, "", NO_MARKS)
    described = store.signals(found.reference).get(found.signal) or known(found.signal)
    head, band = short(described.title, 60), bool(options.group)
    drawn = [overlay(look, "curves", head, order, unit=unit, note=note + words, band=band, span=span)]
    gaps = run_curves.gaps(store, view, labels, found.reference, found.signal)
    linear = Look(look.axis, look.log_x, False, look.domain)
    head, note = f"Difference to {labels[found.reference]}", "means over bins · band: 90 %, from the noise of both"
    names = tuple(labels.values())
    drawn.append(overlay(linear, "gaps", head, names, unit=unit, note=note, zero=True, band=True, height=170))
    frames = {f"curves{key}": frame for key, frame in curves.items()}
    frames |= {f"gaps{key}": frame for key, frame in gaps.items()}
    return drawn, frames | {"zero": pd.DataFrame({"zero": [0.0]})}


def specification(drawn: Sequence[dict[str, Any]], axis: str) -> dict[str, Any]:
    """The panels above each other on one x axis."""
    return stack(drawn, TITLES[axis])
