"""A quantity on its way to a limit: what was measured, and the projected crossing as a fan."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .band import lines
from .look import Look


@cache
def crossing(look: Look, data: str, title: str, *, unit: str = "", note: str = "", height: int = 150) -> dict:
    """Shows how long there is until it is too late, and how sure that is.

    The frame `data` is that of `band`; `data.fan` has x, step, low, mid, high (the band between the latest and the
    earliest crossing) from the last point seen on; `data.limit` the limits in reach: limit, name, tone. On a
    logarithmic y axis steady growth is a straight line.
    """
    fan = layers.of(f"{data}.fan")
    tint = alt.ColorValue(colors.LIMIT)
    reach = fan.mark_area(opacity=0.28, clip=True)
    reach = reach.encode(x=axes.x(look), y=axes.y(look, "low"), y2=alt.Y2("high"), color=tint)
    middle = fan.mark_line(strokeWidth=2, strokeDash=[6, 3], clip=True)
    middle = middle.encode(x=axes.x(look), y=axes.y(look, "mid"), color=tint)
    numbers = [*layers.where(look), *(layers.tip(*f) for f in (("mid", "expected"), ("low", "from"), ("high", "to")))]
    tips = fan.mark_rule(strokeWidth=9, opacity=0, clip=True)
    tips = tips.encode(x=axes.x(look), y=axes.y(look, "low"), y2=alt.Y2("high"), tooltip=numbers)
    limit = layers.of(f"{data}.limit")
    rule = limit.mark_rule(strokeWidth=1.2, strokeDash=[2, 2], clip=True)
    color = colors.named("tone", {"act": colors.BAD, "watch": colors.VALIDATION})
    rule = rule.encode(y=axes.y(look, "limit"), color=color)
    name = limit.mark_text(align="left", baseline="top", dx=4, dy=3, fontSize=11, clip=True)
    name = name.encode(x=alt.XValue(0), y=axes.y(look, "limit"), text=alt.Text("name", type="nominal"), color=color)
    drawn = [*lines(look, data, title, colors.TRAIN, smooth=False), reach, middle, rule, name, tips]
    drawn += [layers.bad(look, f"{data}.bad"), layers.events(look)]
    return layers.panel(drawn, height, layers.title(title, unit, note))
