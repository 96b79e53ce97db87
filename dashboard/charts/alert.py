"""The picture that goes with an alert: the loss around what was found, without axes' help from a page."""

from __future__ import annotations

import altair as alt
import pandas as pd

WIDE = 20.0  # times the lowest loss: beyond it a linear scale shows the highest alone


def alert(
    loss: pd.DataFrame, first: int, last: int, *, width: int = 520, height: int = 180
) -> alt.LayerChart | alt.FacetChart:
    """Shows how the loss went before and while it happened.

    `loss` has step, low, high and mean of each bucket and `bad`, the share of it that is not finite; what was found is
    a band from step `first` to `last`.
    """
    x = alt.X("step:Q", title="step", scale=alt.Scale(nice=False, zero=False))
    where = pd.DataFrame([{"step": first, "end": max(last, first)}])
    found = alt.Chart(where).mark_rect(color="#d62728", opacity=0.18, stroke="#d62728").encode(x=x, x2="end:Q")
    base = alt.Chart(loss).encode(x=x)
    wide = loss["high"].max() > WIDE * loss["low"].min() > 0
    scale = alt.Scale(type="log" if wide else "linear", zero=False, nice=False)
    band = base.mark_area(opacity=0.3, color="#4c78a8").encode(alt.Y("low:Q", title="loss", scale=scale), y2="high:Q")
    line = base.mark_line(color="#4c78a8", strokeWidth=1.5).encode(alt.Y("mean:Q", scale=scale))
    bad = base.transform_filter("datum.bad > 0").mark_point(shape="cross", color="#d62728", filled=True)
    drawn = alt.layer(found, band, line, bad.encode(y=alt.value(6)))
    return drawn.properties(width=width, height=height, background="white")
