"""The learning rate: what was used, and what the scheduler still has to come."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look


@cache
def rate(
    look: Look, data: str = "lr", *, title: str = "Learning rate", unit: str = "", note: str = "", height: int = 90
) -> dict:
    """Shows where on its schedule the run is; the planned part is dashed.

    The frame `data` has columns x, step, mean, part, at (a line a parameter group); `data.plan` plan_x, plan, part.
    """
    look_of = {"detail": alt.Detail("part", type="nominal"), "color": alt.ColorValue(colors.PLAN)}
    drawn = layers.of(data).mark_line(strokeWidth=1.8, clip=True)
    drawn = drawn.encode(x=axes.x(look), y=axes.y(look, "mean", log=False), **look_of)
    plan = layers.of(f"{data}.plan").mark_line(strokeWidth=1.4, strokeDash=[5, 4], opacity=0.8, clip=True)
    plan = plan.encode(x=axes.x(look, "plan_x"), y=axes.y(look, "plan", log=False), **look_of)
    tips = [layers.tip("part", "group", ""), layers.tip("mean", "learning rate", ".4~e")]
    over = [layers.hover(look, data, tips), layers.events(look)]
    return layers.panel([plan, drawn, *over], height, layers.title(title, unit, note))
