"""What each law leaves unexplained, over the steps of a run."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look


@cache
def residuals(data: str = "residuals") -> dict:
    """Shows where a law is wrong: a trend at the end is one that the forecast would carry on.

    The frame `data` has columns step, residual (percent of the loss) and law.
    """
    color = alt.Color("law", type="nominal", sort=None, scale=alt.Scale(range=colors.SERIES), legend=LEGEND)
    tips = [layers.tip("law", "law", ""), layers.tip("step", "step", ","), layers.tip("residual", "%", ".2~f")]
    line = layers.of(data).mark_line(strokeWidth=1.6, clip=True)
    line = line.encode(x=axes.x(Look(), "step"), y=axes.y(Look(), "residual"), color=color, tooltip=tips)
    zero = layers.of(data).mark_line(strokeWidth=1, strokeDash=[2, 3], opacity=0.6, clip=True)
    zero = zero.encode(x=axes.x(Look(), "step"), y=alt.YDatum(0), color=alt.ColorValue(colors.QUIET))
    return layers.panel(
        [line, zero], 170, layers.title("Residuals", "% of the loss", "how far the loss was above a law")
    )


LEGEND = alt.Legend(title=None, orient="bottom", columns=4, labelLimit=260)
