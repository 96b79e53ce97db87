"""The layers that panels are made of: events, marks of non-finite values, abandoned attempts, and the hover rule."""

from __future__ import annotations

import json
from collections.abc import Iterator

import altair as alt

from ..look import Look
from . import axes, colors


def of(data: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(data))


def tip(field: str, title: str, form: str = ".5~g") -> alt.Tooltip:
    """One line of a tooltip: a number, or a text where `form` is empty."""
    if not form:
        return alt.Tooltip(field, title=title, type="nominal")
    return alt.Tooltip(field, title=title, type="quantitative", format=form)


def where(look: Look, field: str = "x") -> list[alt.Tooltip]:
    """The lines of a tooltip that say where on the run one is."""
    other = {
        "tokens": tip(field, "tokens", ".4~s"),
        "flops": tip(field, "FLOPs", ".3~e"),
        "time": tip("at", "time", ""),
        "epoch": tip(field, "epoch", ".4~g"),
    }
    return [tip("step", "step", ","), *([other[look.axis]] if look.axis in other else [])]


def events(look: Look) -> alt.Chart:
    """What happened in the run, as thin rules on every panel; frame `events`: event, step, kind, text, urgent."""
    rule = of("events").mark_rule(strokeDash=[2, 3], strokeWidth=1.25, opacity=0.8, clip=True)
    urgent = colors.named("urgent", {"yes": colors.BAD, "no": colors.QUIET})
    tips = [tip("step", "step", ","), tip("kind", "event", ""), tip("text", "what", "")]
    return rule.encode(x=axes.x(look, "event"), color=urgent, tooltip=tips)


def bad(look: Look, data: str) -> alt.Chart:
    """NaN and infinities, as crosses along the top: they have no height, but they must be seen."""
    mark = of(data).mark_point(shape="cross", angle=45, size=46, filled=True, opacity=0.95, clip=True)
    tips = [tip("step", "step", ","), tip("bad", "not finite", ","), tip("of", "of points", ",")]
    return mark.encode(x=axes.x(look, "bad_x"), y=alt.YValue(5), color=alt.ColorValue(colors.BAD), tooltip=tips)


def abandoned(look: Look, data: str) -> alt.Chart:
    """What earlier attempts had recorded beyond the step that a later attempt continued from."""
    line = of(data).mark_line(strokeWidth=1, strokeDash=[4, 2], opacity=0.7, clip=True)
    attempt = alt.Detail("attempt", type="nominal")
    return line.encode(
        x=axes.x(look, "old_x"), y=axes.y(look, "old"), detail=attempt, color=alt.ColorValue(colors.QUIET)
    )


def beyond(look: Look, data: str, edge: str, color: alt.Color | alt.ColorValue) -> list[alt.Chart]:
    """What the chart leaves out above or below ("top", "bottom"), as marks at that edge with their values.

    The frame `data` has a row a mark: x, step, value, edge, part, label.
    """
    y = alt.YValue(7) if edge == "top" else alt.YValue(alt.expr("height - 7"))
    base = of(data).transform_filter(f"datum.edge === '{edge}'")
    tips = [*where(look), tip("value", "outside of the chart")]
    shape = "triangle-up" if edge == "top" else "triangle-down"
    mark = base.mark_point(shape=shape, size=60, filled=True, opacity=0.95, clip=True)
    words = base.mark_text(align="left", baseline="middle", dx=8, fontSize=10, clip=True)
    place = {"x": axes.x(look), "y": y, "color": color}
    return [mark.encode(**place, tooltip=tips), words.encode(**place, text=alt.Text("label", type="nominal"))]


def alone(look: Look, data: str, field: str, color: alt.Color | alt.ColorValue) -> alt.Chart:
    """Points between others that are not finite, as dots: a line through one point is not seen."""
    return (
        of(data)
        .mark_point(filled=True, size=14, opacity=0.95, clip=True)
        .encode(x=axes.x(look), y=axes.y(look, field), color=color)
    )


def hover(look: Look, data: str, tips: list[alt.Tooltip]) -> alt.Chart:
    """A rule at the nearest point, with its numbers; invisible until the pointer is over the panel."""
    near = alt.selection_point(
        name=f"hover_{data.replace('.', '_')}",
        fields=["x"],
        nearest=True,
        on="pointermove",
        clear="pointerout",
        empty=False,
    )
    shown = alt.OpacityValue(0, condition={"param": near.name, "empty": False, "value": 0.6})
    rule = of(data).mark_rule(strokeWidth=1, clip=True).add_params(near)
    return rule.encode(x=axes.x(look), opacity=shown, color=alt.ColorValue(colors.QUIET), tooltip=[*where(look), *tips])


WIDTH = "(containerSize()[0] || 1e4)"  # of the page, in pixels; a picture without a page is wide
NARROW = f"{WIDTH} < 600"  # a phone


def title(text: str, unit: str = "", note: str = "") -> alt.TitleParams:
    """A panel's heading: what is drawn and in what unit, left-aligned with the plot."""
    head = f"{text[:120]} ({unit})" if unit else text[:120]
    heading = alt.TitleParams(head, anchor="start", frame="group", fontSize=13, fontWeight=600, offset=8)
    if note:
        heading["subtitle"], heading["subtitleColor"], heading["subtitleFontSize"] = note, colors.NOTE, 11
    return heading


def panel(layers: list[alt.Chart], height: int, title: alt.TitleParams) -> dict:
    """The layers as one panel's Vega-Lite specification, which is all that `stack` needs.

    Each layer has colours of its own: shared, those of events would be mixed with those of parts.
    """
    drawn = alt.layer(*layers).resolve_scale(color="independent")
    return folded(drawn.properties(height=height, title=title).to_dict())


def folded(spec: dict) -> dict:
    """A panel that leaves room for its plot on a phone: the note in lines, what is long cut, legends in one column.

    Vega takes the room for the longest line, label and row of a legend from the plot's width.
    """
    heading = spec["title"]
    heading["limit"] = {"expr": f"{WIDTH} - 150"}
    if "subtitle" in heading:
        note = json.dumps(heading["subtitle"])
        heading["subtitle"] = {"expr": f"{NARROW} ? split({note}, ' · ') : {note}"}
    for found in _within(spec):
        for name, most in (("labelLimit", 84), ("columns", 1), ("gradientLength", 140)):
            if isinstance(found.get(name), int):
                found[name] = {"expr": f"{NARROW} ? {min(found[name], most)} : {found[name]}"}
    return spec


def _within(spec: dict | list) -> Iterator[dict]:
    """Every axis and legend of a specification."""
    for key, value in spec.items() if isinstance(spec, dict) else enumerate(spec):
        if key in ("axis", "legend") and isinstance(value, dict):
            yield value
        elif isinstance(value, (dict, list)):
            yield from _within(value)
