"""The loss: training as a band with every spike, validation as points on a line."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .band import lines
from .fan import fan, tips
from .look import Look


@cache
def loss(
    look: Look,
    data: str = "loss",
    *,
    title: str = "Loss",
    unit: str = "",
    note: str = "",
    smooth: bool = True,
    height: int = 270,
) -> dict:
    """Shows whether the run learns, whether it generalises, and where it jumped.

    As `band`, and the frame `data.val` holds every validation point (val_x, step, val, at), never averaged;
    `data.fan` and `data.fan.law` the forecast, as `fan` wants them; `data.beyond` what the chart leaves out above.
    """
    color = alt.ColorValue(colors.VALIDATION)
    place = {"x": axes.x(look, "val_x"), "y": axes.y(look, "val"), "color": color}
    line = layers.of(f"{data}.val").mark_line(strokeWidth=1.6, clip=True).encode(**place)
    dots = layers.of(f"{data}.val").mark_point(filled=True, size=30, opacity=1, clip=True)
    dots = dots.encode(**place, tooltip=[*layers.where(look, "val_x"), layers.tip("val", "validation loss")])
    base = lines(look, data, "training loss", colors.TRAIN, smooth)
    ahead = fan(look, f"{data}.fan")
    over = [tips(look, f"{data}.fan"), layers.bad(look, f"{data}.bad"), layers.events(look)]
    over += layers.beyond(look, f"{data}.beyond", "top", alt.ColorValue(colors.QUIET))
    drawn = [*ahead, *base, line, dots, *over]
    return layers.panel(drawn, height, layers.title(title, unit, note))
