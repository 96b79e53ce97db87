"""All parts of a signal over the run: rows are layers or tensors in model order, colour is the value."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look

CELLS = "cells"  # how the views begin that can be clicked
ROW, MOST = 15, 28  # pixels; rows that are as high as that


@cache
def heat(
    look: Look,
    data: str,
    title: str,
    *,
    unit: str = "",
    note: str = "",
    log: bool = True,
    shows: str = "high",
    rows: int = 12,
    pick: bool = False,
) -> dict:
    """Shows which layer moved first: trouble starts in one row before it reaches the loss.

    The frame `data` has one row a cell: from_x, to_x, part, low, mean, high, from_step, to_step, and `shade`, which is
    the cell's highest value (or its lowest: `shows`) within robust limits; so that neither is a spike averaged away
    nor does one paint all else in one colour. A cell without a finite value stays blank. `data.row` marks a row. With
    `pick` the cells also have the column `map`, and the stack hears a click on one as the selection `cell`.
    """
    legend = alt.Legend(
        title=None, orient="bottom", gradientLength=260, gradientThickness=8, labelExpr=axes.labels(log), tickCount=4
    )
    scale = alt.Scale(type="log" if log else "linear", zero=False, nice=False, reverse=shows == "low")
    color = alt.Color("shade", type="quantitative", scale=scale, legend=legend)
    labels = alt.Axis(title=None, labelLimit=170, domain=False, ticks=False, labelOverlap=rows > MOST, labelFontSize=10)
    tips = [
        layers.tip("part", "part", ""),
        layers.tip("from_step", "from step", ","),
        layers.tip("to_step", "to step", ","),
    ]
    tips += [layers.tip(f, t, ".4~g") for f, t in (("high", "highest"), ("mean", "mean"), ("low", "lowest"))]
    row = alt.Y("part", type="nominal", sort=None, axis=labels)
    place = {"x": axes.x(look, "from_x"), "x2": alt.X2("to_x"), "y": row}
    cells = layers.of(data).mark_rect(clip=True, cursor="pointer" if pick else alt.Undefined)
    cells = cells.encode(**place, color=color, tooltip=tips)
    if pick:
        cells = cells.properties(name=f"{CELLS}_{data}")
    marked = layers.of(f"{data}.row").mark_rect(filled=False, strokeWidth=1.5, clip=True)
    marked = marked.encode(**place, stroke=alt.ColorValue(colors.BAD))
    return layers.panel([cells, marked, layers.events(look)], height(rows), layers.title(title, unit, note))


def height(rows: int) -> int:
    return max(110, min(rows, MOST) * ROW)
