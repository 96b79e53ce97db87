"""The axes of all charts: their scales, and how their numbers are spelled."""

from __future__ import annotations

from typing import Literal

import altair as alt

from ..look import Look

_LEADING = "round(datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-6)))"  # the first digit
_VALUE = (
    "abs(datum.value) >= 1e4 ? format(datum.value, '.4~s') : "
    "datum.value != 0 && abs(datum.value) < 1e-2 ? format(datum.value, '.2~e') : format(datum.value, '.4~g')"
)
_CLOCK = "floor(datum.value / 3600000) + ':' + utcFormat(datum.value, '%M:%S')"
_FORMATS = {"step": ",~f", "tokens": "~s", "time": "", "flops": ".1~e", "epoch": ".3~g"}


def x(look: Look, field: str = "x") -> alt.X:
    """The shared x axis; time is drawn on a UTC scale that starts at zero, so that ticks fall on whole minutes."""
    scale: dict = {"nice": False, "zero": False}
    if look.domain:
        scale["domain"] = list(look.domain)
    axis: dict = {
        "title": None,
        "grid": False,
        "labelOverlap": True,
        "labelFlush": False,
    }
    kind: Literal["temporal", "quantitative"] = "quantitative"
    if look.axis == "time":
        scale["type"] = "utc"
        axis["labelExpr"] = _CLOCK
        kind = "temporal"
    else:
        scale["type"] = "log" if look.log_x else "linear"
        axis["format"] = _FORMATS[look.axis]
    axis["tickCount"] = 8
    return alt.X(field, type=kind, scale=alt.Scale(**scale), axis=alt.Axis(**axis))


def labels(log: bool) -> str:
    """How the numbers of an axis or a legend are spelled; of a logarithmic one 1, 2, 5, 10, 20 ... only."""
    return f"indexof([1, 2, 5], {_LEADING}) < 0 ? '' : {_VALUE}" if log else _VALUE


def y(look: Look, field: str, log: bool | None = None) -> alt.Y:
    """The y axis; the panel's title names it, and its width is fixed, so that labels never push the plot."""
    log = look.log_y if log is None else log
    scale = alt.Scale(type="log" if log else "linear", zero=False, nice=False, padding=3)  # pixels: a dot is whole
    axis = alt.Axis(
        title=None, minExtent=52, tickCount=4, labelExpr=labels(log), labelOverlap=True, domain=False, ticks=False
    )
    if log:  # ticks cannot be fewer than nine a decade
        axis.gridOpacity = alt.condition(f"{_LEADING} == 1", alt.value(1), alt.value(0.25))
    return alt.Y(field, type="quantitative", scale=scale, axis=axis)
