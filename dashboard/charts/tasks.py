"""The accuracy of every task over the run: who was learned when, and what happened to the others."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look

FEW = 7  # tasks that have colours of their own


@cache
def tasks(
    look: Look, data: str, title: str, *, unit: str = "", note: str = "", count: int = FEW, height: int = 260
) -> dict:
    """Shows each task rise in its own visit and fall in those of the others, with every dip however short.

    The frame `data` has one row a task and point: x, step, value, part, order (1: learned first). Up to seven tasks
    have colours of their own, more are shaded from the first to the last. `tags` has the names of the visits (x, name),
    the run's events are rules.
    """
    each = alt.Detail("part", type="nominal")
    thin = 1.6 if count <= FEW else 0.8
    line = layers.of(data).mark_line(strokeWidth=thin, opacity=0.95 if count <= FEW else 0.7, clip=True)
    line = line.encode(x=axes.x(look), y=axes.y(look, "value"), color=_color(count), detail=each)
    tips = [layers.tip("part", "task", ""), layers.tip("value", "accuracy", ".4~g")]
    name = layers.of("tags").mark_text(align="left", baseline="top", dx=4, fontSize=10, clip=True)
    name = name.encode(x=axes.x(look), y=alt.YValue(2), text=alt.Text("name", type="nominal"))
    name = name.encode(color=alt.ColorValue(colors.QUIET))
    drawn = [layers.events(look), line, layers.hover(look, data, tips), name]
    return layers.panel(drawn, height, layers.title(title, unit, note))


def _color(count: int) -> alt.Color:
    if count <= FEW:
        shown = alt.Legend(orient="bottom", title=None, columns=count, labelLimit=160)
        scale = alt.Scale(range=colors.SERIES)
        return alt.Color("part", type="nominal", sort=alt.EncodingSortField("order"), scale=scale, legend=shown)
    shown = alt.Legend(orient="bottom", title="task, in order of learning", gradientLength=220, gradientThickness=8)
    scale = alt.Scale(scheme="turbo", zero=False, nice=False)
    return alt.Color("order", type="quantitative", scale=scale, legend=shown)
