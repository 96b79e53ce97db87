"""What was found in a run, on its axis: a lane for each kind of finding, faults above what is only explained."""

from __future__ import annotations

from functools import cache

import altair as alt

from ._support import axes, colors, layers
from .look import Look

TONE = colors.named(
    "tone", {"act": colors.BAD, "watch": colors.VALIDATION, "note": colors.TRAIN, "expected": colors.QUIET}
)
LANE = 17  # pixels
ROOM = (4, 8, 14, 20)  # lanes that the panel grows by, so that it keeps its height while kinds come


def spans(panel: dict, look: Look, data: str = "episodes") -> dict:
    """A panel with the episodes shaded behind what it draws; the frame has from_x, to_x, tone."""
    shade = layers.of(data).mark_rect(opacity=0.13, clip=True)
    shade = shade.encode(x=axes.x(look, "from_x"), x2=alt.X2("to_x"), color=TONE).to_dict()
    return {**panel, "layer": [{part: shade[part] for part in ("data", "mark", "encoding")}, *panel["layer"]]}


@cache
def timeline(look: Look, data: str = "timeline", *, lanes: int = 4, note: str = "") -> dict:
    """Shows which mechanism moved first, what followed, and what is still going on.

    The frame `data` has one row for each kind of finding in an episode: from_x, to_x, from_step, to_step, flagged
    (the step by which it was known), lane, tone ("act", "watch", "note", "expected"), weight (opacity; reviewed
    ones are pale), n (findings), where and sentence. `data.open` has the rows that are still going on, which get an
    arrow.
    """
    axis = alt.Axis(title=None, labelLimit=150, domain=False, ticks=False, labelFontSize=11, labelPadding=6)
    lane = alt.Y("lane", type="nominal", sort=None, axis=axis, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.2))
    pale = alt.Opacity("weight", type="quantitative", scale=None, legend=None)
    tips = [layers.tip("lane", "found", ""), layers.tip("where", "where", ""), layers.tip("sentence", "what", "")]
    tips += [layers.tip("from_step", "from step", ","), layers.tip("to_step", "to step", ",")]
    tips += [layers.tip("flagged", "known at step", ","), layers.tip("n", "findings", ",")]
    bar = layers.of(data).mark_bar(height=11, cornerRadius=2, clip=True)
    bar = bar.encode(x=axes.x(look, "from_x"), x2=alt.X2("to_x"), y=lane, color=TONE, opacity=pale, tooltip=tips)
    arrow = layers.of(f"{data}.open").mark_text(text="▸", align="right", dx=-3, fontSize=13, clip=True)
    arrow = arrow.encode(x=axes.x(look, "to_x"), y=lane, color=alt.ColorValue("white"))
    room = next((room for room in ROOM if lanes <= room), lanes)
    return layers.panel([bar, arrow, layers.events(look)], room * LANE, layers.title("Findings", note=note))
