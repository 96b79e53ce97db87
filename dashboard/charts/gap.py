"""The stability gap at one boundary: every evaluation of the first steps after it."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import colors, layers


@cache
def gap(data: str, title: str, *, note: str = "", first: int = -20, last: int = 100, height: int = 360) -> dict:
    """Shows how deep earlier tasks fall when another begins, and how soon they are back.

    The frame `data` has every evaluation: x (steps since the boundary), value, part. `data.low` and `data.back` mark
    the lowest evaluation and the recovery of each task, with a sentence in `note`.
    """
    scale = alt.Scale(domain=[first, last], nice=False)
    axis = alt.Axis(title="steps since the boundary", grid=False, tickCount=8, labelFlush=False)
    x = alt.X("x", type="quantitative", scale=scale, axis=axis)
    y = alt.Y("value", type="quantitative", scale=alt.Scale(zero=False), axis=alt.Axis(title=None, tickCount=5))
    legend = alt.Legend(title=None, orient="bottom", columns=6, labelLimit=160, symbolSize=60)
    color = alt.Color("part", type="nominal", sort=None, scale=alt.Scale(range=colors.SERIES), legend=legend)
    tips = [layers.tip("x", "steps since", ",")]
    tips += [layers.tip("value", "accuracy", ".4~g"), layers.tip("part", "task", "")]
    line = layers.of(data).mark_line(strokeWidth=1.6, clip=True, point={"size": 14, "filled": True})
    line = line.encode(x=x, y=y, color=color, tooltip=tips)
    zero = (
        alt.Chart(alt.InlineData([{"x": 0}]))
        .mark_rule(strokeDash=[2, 3])
        .encode(x=x, color=alt.ColorValue(colors.QUIET))
    )
    marked = [layers.tip("part", "task", ""), layers.tip("note", "here", "")]
    marks = [
        layers.of(f"{data}.{name}")
        .mark_point(shape=shape, size=130, filled=True, opacity=1, stroke="white", strokeWidth=1, clip=True)
        .encode(x=x, y=y, color=alt.ColorValue(tint), tooltip=marked)
        for name, shape, tint in (("low", "triangle-down", colors.BAD), ("back", "triangle-up", colors.PLAN))
    ]
    drawn = alt.layer(zero, line, *marks).properties(height=height, title=layers.title(title, note=note))
    spec = layers.folded(drawn.properties(width="container").to_dict())
    return {
        **spec,
        "config": {"aria": False, "view": {"stroke": None}, "mark": {"tooltip": None}},
        "usermeta": {"embedOptions": {"renderer": "canvas"}},
    }
