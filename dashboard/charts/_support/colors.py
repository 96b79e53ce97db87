"""The colours of all charts, which follow the theme."""

from __future__ import annotations

import altair as alt

# Names that Streamlit replaces by the theme's own colours: one specification serves light and dark.
TRAIN, VALIDATION, LIMIT, PLAN, QUIET, BAD = "blue", "orange", "violet", "green", "gray", "red"
NOTE = "#6b747c"  # of small print: readable on white and on the dark theme (4.8 : 1 and 3.7 : 1)
SERIES = ["blue", "orange", "green", "violet", "red", "yellow", "gray"]


def named(field: str, colors: dict[str, str]) -> alt.Color:
    """A colour by a field's value, from a scale's range, which is where Streamlit finds its names."""
    scale = alt.Scale(domain=list(colors), range=list(colors.values()))
    return alt.Color(field, type="nominal", scale=scale, legend=None)
