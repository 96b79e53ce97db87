"""The forecast: the law's curve through the data, and from there on a fan of 50 % and 90 % bands to the planned end."""

from __future__ import annotations

import altair as alt

from ._support import axes, colors, layers
from .look import Look

TIPS = (
    ("mid", "expected"),
    ("low50", "50 % low"),
    ("high50", "50 % high"),
    ("low90", "90 % low"),
    ("high90", "90 % high"),
)


def fan(look: Look, data: str, color: str = colors.LIMIT) -> list[alt.Chart]:
    """The layers of a fan, to be drawn below the data of the same panel.

    The frame `data` has columns x, step, mid, low50, high50, low90, high90 from the last step seen on; `data.law`
    x and law, the curve through the past. Both may be empty: a chart looks the same to Vega with and without them.
    """
    tint = alt.ColorValue(color)

    def reach(share: str, opacity: float) -> alt.Chart:
        area = layers.of(data).mark_area(opacity=opacity, clip=True)
        return area.encode(x=axes.x(look), y=axes.y(look, f"low{share}"), y2=alt.Y2(f"high{share}"), color=tint)

    middle = layers.of(data).mark_line(strokeWidth=2, strokeDash=[6, 3], clip=True)
    law = layers.of(f"{data}.law").mark_line(strokeWidth=1.3, opacity=0.9, clip=True)
    return [
        reach("90", 0.2),
        reach("50", 0.32),
        law.encode(x=axes.x(look), y=axes.y(look, "law"), color=tint),
        middle.encode(x=axes.x(look), y=axes.y(look, "mid"), color=tint),
    ]


def tips(look: Look, data: str) -> alt.Chart:
    """The fan's numbers under the pointer: one unseen rule a step, to be drawn above the data."""
    numbers = [*layers.where(look), *(layers.tip(field, title) for field, title in TIPS)]
    rule = layers.of(data).mark_rule(strokeWidth=9, opacity=0, clip=True)
    return rule.encode(x=axes.x(look), y=axes.y(look, "low90"), y2=alt.Y2("high90"), tooltip=numbers)
