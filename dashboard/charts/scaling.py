"""Final losses against compute, with the law's curve for each size."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look

COMPUTE = Look("flops", log_x=True)
SCALE = alt.Scale(type="log", scheme=alt.SchemeParams("viridis", extent=[0.25, 0.9]))  # seen on light and dark


@cache
def scaling(height: int = 330) -> dict:
    """Shows whether the law follows the runs, and where more compute on the same size stops paying.

    Frames: `runs` (compute, loss, size, name, out), `sizes` (compute, loss, size, label): the law at each size,
    `frontier` (compute, loss, low, high): the best that a budget buys, with its 90 % interval.
    """
    color = alt.Color("size", type="quantitative", scale=SCALE, legend=LEGEND)
    hidden = alt.Color("size", type="quantitative", scale=SCALE, legend=None)
    x = axes.x(COMPUTE, "compute")
    reach = layers.of("frontier").mark_area(opacity=0.18, clip=True)
    reach = reach.encode(x=x, y=axes.y(COMPUTE, "low"), y2=alt.Y2("high"), color=alt.ColorValue(colors.LIMIT))
    best = layers.of("frontier").mark_line(strokeWidth=2, strokeDash=[6, 3], clip=True)
    tips = [layers.tip("compute", "FLOPs", ".3~e"), layers.tip("loss", "best loss"), layers.tip("low", "90 % low")]
    tips.append(layers.tip("high", "90 % high"))
    best = best.encode(x=x, y=axes.y(COMPUTE, "loss"), color=alt.ColorValue(colors.LIMIT), tooltip=tips)
    curve = layers.of("sizes").mark_line(strokeWidth=1.5, clip=True)
    detail = alt.Detail("label", type="nominal")
    curve = curve.encode(x=x, y=axes.y(COMPUTE, "loss"), detail=detail, color=hidden)
    dots = layers.of("runs").mark_point(filled=True, size=46, opacity=1, clip=True)
    tips = [layers.tip("name", "run", ""), layers.tip("size", "params", ".3~s"), layers.tip("loss", "loss")]
    tips += [layers.tip("compute", "FLOPs", ".3~e"), layers.tip("out", "outlier", "")]
    shape = alt.Shape(
        "out", type="nominal", scale=alt.Scale(domain=["no", "yes"], range=["circle", "cross"]), legend=None
    )
    dots = dots.encode(x=x, y=axes.y(COMPUTE, "loss"), shape=shape, color=color, tooltip=tips)
    title = layers.title("Loss over compute", note=NOTE)
    return layers.panel([reach, best, curve, dots], height, title)


NOTE = "points: runs (crosses: outliers) · lines: the law at each size · dashed: best split of the budget, 90 % band"
LEGEND = alt.Legend(title="params", orient="right", format=".2~s", gradientLength=160)
