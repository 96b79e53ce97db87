"""A signal recorded by parts (groups, tasks, layers), one coloured line each."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look


@cache
def parts(look: Look, data: str, title: str, *, unit: str = "", note: str = "", height: int = 130) -> dict:
    """Shows how a handful of parts went their ways; for many parts the heat map is easier to read.

    The frame `data` has columns x, step, mean, low, high, alone, part, at; `data.bad` the non-finite points.
    """
    legend = alt.Legend(title=None, orient="bottom", columns=4, labelLimit=260)
    hidden, color = (
        alt.Color("part", type="nominal", sort=None, scale=alt.Scale(range=colors.SERIES), legend=legend)
        for legend in (None, legend)
    )
    reach = layers.of(data).mark_rule(opacity=0.25, strokeWidth=1.5, clip=True)
    reach = reach.encode(x=axes.x(look), y=axes.y(look, "low"), y2=alt.Y2("high"), color=hidden)
    line = (
        layers.of(data)
        .mark_line(strokeWidth=1.6, clip=True)
        .encode(x=axes.x(look), y=axes.y(look, "mean"), color=color)
    )
    tips = [layers.tip("part", "part", "")] + [
        layers.tip(f, t) for f, t in (("mean", "mean"), ("low", "lowest"), ("high", "highest"))
    ]
    over = [layers.hover(look, data, tips), layers.bad(look, f"{data}.bad"), layers.events(look)]
    return layers.panel(
        [reach, line, layers.alone(look, data, "alone", hidden), *over], height, layers.title(title, unit, note)
    )
