"""One signal over the run: its extremes as a band, its mean, and a smoothed line for the eye."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look


@cache
def band(
    look: Look, data: str, title: str, *, unit: str = "", note: str = "", smooth: bool = True, height: int = 110
) -> dict:
    """Shows where a signal went and every spike on the way.

    The frame `data` has one row a bucket: x, step, low, high, mean, smooth, alone (and `at`, the time in words, on the
    time axis). The band is low..high, so a spike of one step is as tall in a run of a million steps as it was.
    Non-finite points are in `data.bad`, abandoned attempts in `data.old`, the run's events in `events`; each may be
    empty.
    """
    drawn = [*lines(look, data, title, colors.TRAIN, smooth), layers.bad(look, f"{data}.bad"), layers.events(look)]
    return layers.panel(drawn, height, layers.title(title, unit, note))


def lines(look: Look, data: str, name: str, color: str, smooth: bool) -> list[alt.Chart]:
    """The layers of a band without its heading, for panels that draw more over it."""
    tint = alt.ColorValue(color)
    reach = layers.of(data).mark_rule(opacity=0.33, strokeWidth=2, clip=True)
    reach = reach.encode(x=axes.x(look), y=axes.y(look, "low"), y2=alt.Y2("high"), color=tint)
    mean = layers.of(data).mark_line(
        strokeWidth=1 if smooth else 1.6, opacity=0.38 if smooth else 1, clip=True, strokeJoin="bevel"
    )
    drawn = [
        layers.abandoned(look, f"{data}.old"),
        reach,
        mean.encode(x=axes.x(look), y=axes.y(look, "mean"), color=tint),
    ]
    drawn.append(layers.alone(look, data, "alone", tint))
    tips = [layers.tip("mean", name[:40])]
    if smooth:
        line = layers.of(data).mark_line(strokeWidth=2, clip=True, strokeJoin="round")
        drawn.append(line.encode(x=axes.x(look), y=axes.y(look, "smooth"), color=tint))
        tips.append(layers.tip("smooth", "smoothed"))
    tips += [layers.tip("low", "lowest"), layers.tip("high", "highest")]
    return [*drawn, layers.hover(look, data, tips)]
