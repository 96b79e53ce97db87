"""All parts of a signal over the run: rows are layers or tensors in model order, colour is the value."""

from __future__ import annotations

from functools import cache

import altair as alt

from . import layers
from . import look as lk
from .look import Look


@cache
def heat(
    look: Look, data: str, title: str, *, unit: str = "", note: str = "", log: bool = True, rows: int = 12
) -> dict:
    """Shows which layer moved first: trouble starts in one row before it reaches the loss.

    The frame `data` has one row a cell: from_x, to_x, part, low, mean, high, from_step, to_step. Colour is each cell's
    highest value, so that a spike is not averaged away; a cell without a finite value stays blank.
    """
    tall = max(110, min(rows * 15, 420))
    legend = alt.Legend(
        title=None, orient="bottom", gradientLength=260, gradientThickness=8, format=".2~g", tickCount=4
    )
    color = alt.Color(
        "high", type="quantitative", scale=alt.Scale(type="log" if log else "linear", zero=False), legend=legend
    )
    labels = alt.Axis(title=None, labelLimit=170, domain=False, ticks=False, labelOverlap=True, labelFontSize=10)
    tips = [
        layers.tip("part", "part", ""),
        layers.tip("from_step", "from step", ","),
        layers.tip("to_step", "to step", ","),
    ]
    tips += [layers.tip(f, t, ".4~g") for f, t in (("high", "highest"), ("mean", "mean"), ("low", "lowest"))]
    cells = layers.of(data).mark_rect(clip=True)
    cells = cells.encode(
        x=lk.x(look, "from_x"),
        x2=alt.X2("to_x"),
        y=alt.Y("part", type="nominal", sort=None, axis=labels),
        color=color,
        tooltip=tips,
    )
    return layers.panel([cells, layers.events(look)], tall, lk.title(title, unit, note))
