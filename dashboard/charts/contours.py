"""Size against tokens: lines of equal loss, lines of equal compute, and the best split of every budget."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look

SIZE = Look("tokens", log_x=True, log_y=True)
SCALE = alt.Scale(scheme=alt.SchemeParams("plasma", extent=[0.25, 0.85]))  # seen on light and dark


@cache
def contours(height: int = 330) -> dict:
    """Shows what a loss can be bought with: a large model and few tokens, or a small one and many.

    Frames: `equal` (params, tokens, loss, label), `flops` (params, tokens, label), `best` (params, tokens, compute,
    loss), `runs` (size, tokens, loss, name).
    """
    x = axes.x(SIZE, "params")
    color = alt.Color("loss", type="quantitative", scale=SCALE, legend=LEGEND)
    label = alt.Detail("label", type="nominal")
    flops = layers.of("flops").mark_line(strokeWidth=1, strokeDash=[2, 4], opacity=0.7, clip=True)
    flops = flops.encode(x=x, y=axes.y(SIZE, "tokens"), detail=label, color=alt.ColorValue(colors.QUIET))
    tips = [layers.tip("loss", "loss"), layers.tip("params", "params", ".3~s"), layers.tip("tokens", "tokens", ".3~s")]
    equal = layers.of("equal").mark_line(strokeWidth=1.8, clip=True)
    equal = equal.encode(x=x, y=axes.y(SIZE, "tokens"), detail=label, color=color, tooltip=tips)
    best = layers.of("best").mark_line(strokeWidth=2, strokeDash=[6, 3], clip=True)
    more = [layers.tip("compute", "FLOPs", ".3~e"), *tips]
    best = best.encode(x=x, y=axes.y(SIZE, "tokens"), color=alt.ColorValue(colors.LIMIT), tooltip=more)
    dots = layers.of("runs").mark_point(filled=True, size=40, opacity=1, clip=True)
    tips = [layers.tip("name", "run", ""), layers.tip("loss", "loss"), layers.tip("tokens", "tokens", ".3~s")]
    dots = dots.encode(
        x=axes.x(SIZE, "size"), y=axes.y(SIZE, "tokens"), color=alt.ColorValue(colors.TRAIN), tooltip=tips
    )
    return layers.panel([flops, equal, best, dots], height, layers.title("Tokens over parameters", note=NOTE))


NOTE = "lines: equal loss · dotted: equal compute, a decade apart · dashed: the best split · points: runs"
LEGEND = alt.Legend(title="loss", orient="right", format=".3~g", gradientLength=160)
