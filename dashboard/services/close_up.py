"""What a chart without the steep beginning of its curves does not show: marks at its edges, with their values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...formatting import number

APART = 0.06  # of the width: marks nearer than this share one number
MARK = ("x", "step", "at", "value")
NO_MARKS = pd.DataFrame({name: [] for name in ("x", "step", "value", "edge", "part", "label")})
EDGES = {"top": 1.0, "bottom": -1.0}


def after_descent(values: pd.Series, top: float) -> pd.Series:
    """The values from the first one on that is not above `top`: what rises above it later is a spike, and no beginning.

    All of them where none is.

    >>> after_descent(pd.Series([9.0, 5.0, 3.0, 8.0, 3.0]), 4.0).tolist()
    [3.0, 8.0, 3.0]
    """
    inside = np.flatnonzero(values.to_numpy(float) <= top)
    return values.iloc[inside[0] :] if len(inside) else values


def outside(
    frame: pd.DataFrame, column: str, limit: float, edge: str = "top", *, x: str = "x", part: str = ""
) -> pd.DataFrame:
    """A mark where each stretch of a curve's rows beyond `limit` is farthest: as MARK, with edge, part, label."""
    values = frame[column].to_numpy(float) * EDGES[edge]
    beyond = values > limit * EDGES[edge]
    starts = np.flatnonzero(beyond & ~np.append(False, beyond[:-1]))
    ends = np.flatnonzero(beyond & ~np.append(beyond[1:], False)) + 1
    at = [a + int(np.argmax(values[a:b])) for a, b in zip(starts, ends, strict=True)]
    marks = frame.iloc[np.array(at, int)].rename(columns={x: "x", column: "value"})
    kept = [name for name in MARK if name in marks]
    return marks[kept].assign(edge=edge, part=part, label="").reset_index(drop=True)


def labelled(marks: list[pd.DataFrame], width: float) -> pd.DataFrame:
    """The marks of one chart, with a number beside each that is farther out than its neighbours; `width` of its x axis.

    Every mark has its value in the tooltip.
    """
    found = pd.concat(marks, ignore_index=True)
    if not len(found):
        return NO_MARKS
    taken: list[tuple[str, float]] = []
    for at in (found["value"] * found["edge"].map(EDGES)).astype(float).sort_values(ascending=False).index:
        edge, place = found.loc[at, "edge"], float(found.loc[at, "x"])
        if all(edge != other or abs(place - near) > APART * width for other, near in taken):
            taken.append((edge, place))
            found.loc[at, "label"] = number(float(found.loc[at, "value"]))
    return found
