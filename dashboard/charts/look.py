"""What all charts of one page share: the x axis, its scale and range, and the colours, which follow the theme."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt

# Names that Streamlit replaces by the theme's own colours: one specification serves light and dark.
TRAIN, VALIDATION, LIMIT, PLAN, QUIET, BAD = "blue", "orange", "violet", "green", "gray", "red"
SERIES = ["blue", "orange", "green", "violet", "red", "yellow", "gray"]

_LEADING = "round(datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-6)))"  # the first digit
_VALUE = (
    "abs(datum.value) >= 1e4 ? format(datum.value, '.4~s') : "
    "datum.value != 0 && abs(datum.value) < 1e-2 ? format(datum.value, '.2~e') : format(datum.value, '.4~g')"
)
_CLOCK = "floor(datum.value / 3600000) + ':' + utcFormat(datum.value, '%M:%S')"


@dataclass(frozen=True)
class Look:
    """`axis` is step, tokens, time, flops or epoch; `domain` the zoomed range in that axis' own numbers."""

    axis: str = "step"
    log_x: bool = False
    log_y: bool = False
    domain: tuple[float, float] | None = None


TITLES = {"step": "step", "tokens": "tokens", "time": "time since the start (h:mm:ss)", "flops": "FLOPs"}
TITLES |= {"epoch": "epoch"}
_FORMATS = {"step": ",~f", "tokens": "~s", "time": "", "flops": ".1~e", "epoch": ".3~g"}


def x(look: Look, field: str = "x") -> alt.X:
    """The shared x axis; time is drawn on a UTC scale that starts at zero, so that ticks fall on whole minutes."""
    scale: dict = {"nice": False, "zero": False}
    if look.domain:
        scale["domain"] = list(look.domain)
    axis: dict = {
        "title": None,
        "grid": False,
        "labelOverlap": True,
        "labelFlush": False,
    }
    if look.axis == "time":
        scale["type"] = "utc"
        axis["labelExpr"] = _CLOCK
        kind = "temporal"
    else:
        scale["type"] = "log" if look.log_x else "linear"
        axis["format"] = _FORMATS[look.axis]
        kind = "quantitative"
    axis["tickCount"] = 8
    return alt.X(field, type=kind, scale=alt.Scale(**scale), axis=alt.Axis(**axis))


def labels(log: bool) -> str:
    """How the numbers of an axis or a legend are spelled; of a logarithmic one 1, 2, 5, 10, 20 ... only."""
    return f"indexof([1, 2, 5], {_LEADING}) < 0 ? '' : {_VALUE}" if log else _VALUE


def y(look: Look, field: str, log: bool | None = None) -> alt.Y:
    """The y axis; the panel's title names it, and its width is fixed, so that labels never push the plot."""
    log = look.log_y if log is None else log
    scale = alt.Scale(type="log" if log else "linear", zero=False, nice=False)
    axis = alt.Axis(
        title=None, minExtent=52, tickCount=4, labelExpr=labels(log), labelOverlap=True, domain=False, ticks=False
    )
    if log:  # ticks cannot be fewer than nine a decade
        axis.gridOpacity = alt.condition(f"{_LEADING} == 1", alt.value(1), alt.value(0.25))
    return alt.Y(field, type="quantitative", scale=scale, axis=axis)


def named(field: str, colors: dict[str, str]) -> alt.Color:
    """A colour by a field's value, from a scale's range, which is where Streamlit finds its names."""
    scale = alt.Scale(domain=list(colors), range=list(colors.values()))
    return alt.Color(field, type="nominal", scale=scale, legend=None)


def title(text: str, unit: str = "", note: str = "") -> alt.TitleParams:
    """A panel's heading: what is drawn and in what unit, left-aligned with the plot."""
    head = f"{text[:120]} ({unit})" if unit else text[:120]
    rest = {"subtitle": note, "subtitleColor": "gray", "subtitleFontSize": 11} if note else {}
    return alt.TitleParams(head, anchor="start", frame="group", fontSize=13, fontWeight=600, offset=8, **rest)
