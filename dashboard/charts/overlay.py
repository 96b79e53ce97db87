"""The same signal of several runs, a line each."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look

LEGEND = 16  # names that a legend has room for


@cache
def overlay(
    look: Look, data: str, title: str, labels: tuple[str, ...], *, unit: str = "", note: str = "", zero: bool = False,
    band: bool = False, span: tuple[float, float] | None = None, height: int = 300,
) -> dict:  # fmt: skip
    """Shows which run is ahead, where curves part and where they cross.

    The frame `data` has columns x, step, mean, smooth, low, high, alone, part (one of `labels`), at; `data.bad` the
    non-finite points, `data.beyond` what `span` leaves out. `band` fills low..high (noise, or a spread); else thin
    rules show every spike. `zero` draws the line of no difference, from the frame `zero` with one row, 0; such a panel
    has no legend of its own. `span` is the range of the y axis, where it is not that of all values.
    """
    tints = [colors.SERIES[i % len(colors.SERIES)] for i in range(len(labels))]
    dashes = [([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])[i // len(colors.SERIES) % 4] for i in range(len(labels))]
    names = alt.Legend(title=None, orient="bottom", columns=4, labelLimit=260, symbolType="stroke")
    legend = names if len(labels) <= LEGEND and not zero else None
    color = alt.Color("part", type="nominal", scale=alt.Scale(domain=list(labels), range=tints), legend=legend)
    hidden = alt.Color("part", type="nominal", scale=alt.Scale(domain=list(labels), range=tints), legend=None)
    dash = alt.StrokeDash("part", type="nominal", scale=alt.Scale(domain=list(labels), range=dashes), legend=None)
    reach, faint = layers.of(data), max(0.03, 0.8 / (5 + len(labels)))
    reach = reach.mark_area(opacity=0.16, clip=True) if band else reach.mark_rule(opacity=faint, clip=True)
    reach = reach.encode(x=axes.x(look), y=_y(look, "low", span), y2=alt.Y2("high"), color=hidden)
    line = layers.of(data).mark_line(strokeWidth=1.7, clip=True)
    line = line.encode(x=axes.x(look), y=_y(look, "smooth", span), color=color, strokeDash=dash)
    tips = [layers.tip("part", "run", "")]
    tips += [layers.tip(f, t) for f, t in (("smooth", "value"), ("low", "from" if band else "lowest"), ("high", "to"))]
    over = [layers.hover(look, data, tips), layers.bad(look, f"{data}.bad")]
    for edge in ("top", "bottom") if span else ():
        over += layers.beyond(look, f"{data}.beyond", edge, hidden)
    dots = layers.alone(look, data, "alone", hidden)
    dots = dots.encode(y=_y(look, "alone", span))
    if zero:
        flat = layers.of("zero").mark_rule(strokeDash=[3, 3], clip=True)
        over.append(flat.encode(y=alt.Y("zero", type="quantitative"), color=alt.ColorValue(colors.QUIET)))
    return layers.panel([reach, line, dots, *over], height, layers.title(title, unit, note))


def _y(look: Look, field: str, span: tuple[float, float] | None) -> alt.Y:
    found = axes.y(look, field)
    if span:
        found["scale"]["domain"] = list(span)
    return found
