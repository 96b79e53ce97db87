"""Several futures of one run: their learning rates above, their fans below."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look

COLORS = ["violet", "green", "orange", "blue"]  # one a future, in their order
STEP = Look()


@cache
def futures(names: tuple[str, ...], loss: str) -> list[dict]:
    """Shows which learning rate ends lowest, and whether the difference is larger than what is not known.

    Frames: `rates` (step, lr, future), `fans` (step, mid, low50, high50, low90, high90, future), `seen` (step, loss).
    """
    scale = alt.Scale(domain=list(names), range=COLORS[: len(names)])
    hidden = alt.Color("future", type="nominal", scale=scale, legend=None)
    legend = alt.Legend(title=None, orient="bottom", columns=2, labelLimit=420, symbolType="stroke", symbolOpacity=1)
    shown = alt.Color("future", type="nominal", scale=scale, legend=legend)
    x = axes.x(STEP, "step")

    rate = layers.of("rates").mark_line(strokeWidth=2, clip=True)
    tips = [layers.tip("future", "schedule", ""), layers.tip("step", "step", ","), layers.tip("lr", "LR", ".3~e")]
    above = rate.encode(x=x, y=axes.y(STEP, "lr"), color=hidden, tooltip=tips)

    def reach(share: str, opacity: float) -> alt.Chart:
        area = layers.of("fans").mark_area(opacity=opacity, clip=True)
        return area.encode(x=x, y=axes.y(STEP, f"low{share}"), y2=alt.Y2(f"high{share}"), color=hidden)

    tips = [layers.tip("future", "schedule", ""), layers.tip("step", "step", ","), layers.tip("mid", "expected")]
    tips += [layers.tip("low90", "90 % low"), layers.tip("high90", "90 % high")]
    middle = layers.of("fans").mark_line(strokeWidth=2, strokeDash=[6, 3], clip=True)
    middle = middle.encode(x=x, y=axes.y(STEP, "mid"), color=shown, tooltip=tips)
    seen = layers.of("seen").mark_line(strokeWidth=1.6, clip=True)
    seen = seen.encode(x=x, y=axes.y(STEP, "loss"), color=alt.ColorValue(colors.QUIET))
    return [
        layers.panel([above], 110, layers.title("Learning rate")),
        layers.panel([reach("90", 0.14), reach("50", 0.16), seen, middle], 300, layers.title(loss, note=NOTE)),
    ]


NOTE = "gray: recorded · dashed: forecast with 50 % and 90 % intervals · y-axis cut above the steep start"
