"""From what the store answers to the tables that charts draw: places on the x axis, smoothing, marks; no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...db import Store

_NO_OLD = pd.DataFrame({"old_x": [], "old": [], "step": [], "attempt": []})
HOLES = "holes"  # the attribute of a frame that says what of it is damaged
AUTO = -1  # smoothing: a half-life of 0.5 % of the steps shown


@dataclass(frozen=True)
class View:
    """What of a run is asked for: steps lo..hi, on which axis, smoothed with which half-life (steps; 0: not at all)."""

    run: str
    axis: str = "step"
    lo: int | None = None
    hi: int | None = None
    log_x: bool = False
    log_y: bool = False
    half_life: int = AUTO
    abandoned: bool = False
    width: int = 500


def place(store: Store, view: View, steps: np.ndarray) -> np.ndarray:
    """Where steps lie on the view's axis; time in milliseconds, as charts want it."""
    x = store.axis(view.run, np.asarray(steps, float), view.axis)
    return x * 1000.0 if view.axis == "time" else x


def steps_at(store: Store, view: View, low: float, high: float, last: int) -> tuple[int, int]:
    """The steps between two places on the axis: the way back from `place`."""
    if view.axis == "step":
        return int(np.ceil(low)), int(np.floor(high))
    grid = np.linspace(0, max(last, 1), 4001)
    found = np.interp([low, high], place(store, view, grid), grid)
    return int(np.floor(found[0])), int(np.ceil(found[1]))


def line(store: Store, view: View, signal: str, part: tuple[str, ...] = ()) -> dict[str, pd.DataFrame]:
    """One series as frames for `band`: "" the buckets, ".bad" points that are not finite, ".old" abandoned attempts."""
    lead = 0
    if view.lo is not None and view.half_life > 0:
        lead = 6 * view.half_life  # what smoothing needs before the left edge
    lo = None if view.lo is None else view.lo - lead
    frame = _points(store, view, signal, part, lo)
    frame["step"] = (frame["first"] + frame["last"]) // 2
    frame["smooth"] = _for_the_eye(frame["step"].to_numpy(), frame["mean"], view)
    if lead:
        frame = frame[frame["last"] >= view.lo]
    frame = frame.assign(x=place(store, view, frame["step"].to_numpy())) if len(frame) else frame.assign(x=[])
    if view.axis == "time":
        frame["at"] = [clock(x) for x in frame["x"]]
    if view.log_x:
        frame = frame[frame["x"] > 0]
    marks = frame.loc[frame["bad"] > 0, ["x", "step", "bad", "n"]].rename(columns={"x": "bad_x", "n": "of"})
    if view.log_y:
        frame = frame.assign(**{name: frame[name].where(frame[name] > 0) for name in ("low", "high", "mean", "smooth")})
    old = _abandoned(store, view, signal, part) if view.abandoned else _NO_OLD
    holes = frame.attrs.get(HOLES, [])
    frame = frame.drop(columns=["first", "last", "n", "bad"]).assign(alone=alone(frame["mean"]))
    frame.attrs[HOLES] = holes
    return {"": frame, ".bad": marks, ".old": old}


def alone(values: pd.Series) -> pd.Series:
    """The values whose neighbours are both missing, or not finite: no line goes through them.

    >>> alone(pd.Series([1.0, 2.0, np.nan, 3.0, np.nan])).tolist()
    [nan, nan, nan, 3.0, nan]
    """
    gap = ~np.isfinite(values)
    return values.where(gap.shift(1, fill_value=True) & gap.shift(-1, fill_value=True) & ~gap)


def _points(store: Store, view: View, signal: str, part: tuple[str, ...], lo: int | None) -> pd.DataFrame:
    """The recorded points, or buckets of them where there are more than the chart has room for.

    Where nothing can be read of a damaged stretch, a row without values interrupts the line; `attrs[HOLES]` has a
    sentence for each stretch.
    """
    found = store.buckets(view.run, signal, part, lo=lo, hi=view.hi, width=view.width)
    names = ("first", "last", "low", "high", "mean", "n", "bad")
    frame = pd.DataFrame({name: getattr(found, name) for name in names})
    blank = [
        (hole.first, hole.last, np.nan, np.nan, np.nan, 0, 0)
        for hole in found.holes
        if not ((found.first <= hole.last) & (found.last >= hole.first)).any()
    ]
    if blank:
        rows = pd.DataFrame(blank, columns=names).astype(frame.dtypes.to_dict())
        frame = pd.concat([frame, rows]).sort_values("first", ignore_index=True)
    name = " / ".join((signal, *part))
    frame.attrs[HOLES] = [
        f"Of {name}, {hole.n:,} points in steps {hole.first:,} to {hole.last:,} are damaged in the store: at most "
        "their extremes and means are drawn; the command barograph repair keeps what is whole."
        for hole in found.holes
    ]
    return frame


def several(store: Store, view: View, signal: str, parts: tuple[tuple[str, ...], ...]) -> dict[str, pd.DataFrame]:
    """A few parts of one signal in long form, for `parts` and `rate`."""
    found = [(line(store, view, signal, part), label(part)) for part in parts]
    frame = pd.concat([frames[""].assign(part=name) for frames, name in found], ignore_index=True)
    frame.attrs[HOLES] = [sentence for frames, _ in found for sentence in frames[""].attrs[HOLES]]
    marks = pd.concat([frames[".bad"] for frames, _ in found], ignore_index=True)
    return {"": frame, ".bad": marks}


def label(part: tuple[str, ...]) -> str:
    return " / ".join(part) or "all"


def validation(store: Store, view: View, signal: str = "val_loss") -> pd.DataFrame:
    """Validation points one by one (bucket means where there are more than the chart has room for)."""
    frame = line(store, View(**{**view.__dict__, "half_life": 0, "abandoned": False}), signal)[""]
    kept = ["x", "step", "mean", *(["at"] if "at" in frame else [])]
    return frame[kept].rename(columns={"x": "val_x", "mean": "val"})


def _for_the_eye(steps: np.ndarray, means: pd.Series, view: View) -> pd.Series:
    """The smoothed line; on a logarithmic axis that of the logarithms, so that it stays near the points there."""
    if not view.log_y or view.half_life == 0:
        return smoothed(steps, means, view.half_life)
    return np.exp(smoothed(steps, np.log(means.where(means > 0)), view.half_life))


def smoothed(steps: np.ndarray, values: pd.Series, half_life: int) -> pd.Series:
    """A mean with weights 2 ** -(distance in steps / half-life) to both sides, so that it does not lag behind.

    At the newest step only the past is left to average. Points that are not finite have no weight and stay a gap.
    """
    if half_life == 0 or len(values) < 2:
        return values
    if half_life == AUTO:
        half_life = max(1, int(steps[-1] - steps[0]) // 200)
    points = np.where(np.isfinite(values), values, np.nan)
    past, weight_past = _past(steps - steps[0], points, half_life)
    future, weight_future = (found[::-1] for found in _past(steps[-1] - steps[::-1], points[::-1], half_life))
    total = past * weight_past + future * weight_future - points  # the point itself is in both
    return pd.Series(total / (weight_past + weight_future - 1.0), index=values.index)


def _past(steps: np.ndarray, points: np.ndarray, half_life: int) -> tuple[np.ndarray, np.ndarray]:
    """The exponentially weighted mean of each point and those before it, and the sum of its weights."""
    times, unit = steps.astype("datetime64[ns]"), pd.Timedelta(half_life, "ns")
    weighted = pd.Series(points).ewm(halflife=unit, times=times)  # type: ignore[arg-type]  # stubs: a number only
    mean = weighted.mean().to_numpy()
    power = steps / half_life
    return mean, np.exp2(np.logaddexp2.accumulate(np.where(np.isnan(points), -np.inf, power)) - power)


def every(store: Store, run: str, signal: str, part: tuple[str, ...], last: int) -> int:
    """How many steps lie between two points of a series, near step `last`."""
    steps = store.series(run, signal, part, lo=last - 500, hi=last).steps
    return int(np.median(np.diff(steps))) if len(steps) > 1 else 1


def events(store: Store, view: View) -> pd.DataFrame:
    """What happened to the run, in place; its start is no news."""
    kept = [e for e in store.events(view.run) if e.kind != "start"]
    steps = np.array([e.step for e in kept], np.int64)
    inside = (steps >= (view.lo if view.lo is not None else -1)) & (
        steps <= (view.hi if view.hi is not None else 2**62)
    )
    frame = pd.DataFrame(
        {
            "event": place(store, view, steps) if len(steps) else [],
            "step": steps,
            "kind": [e.kind for e in kept],
            "text": [e.text[:200] for e in kept],
            "urgent": ["yes" if e.kind in ("finding", "restart", "left out", "lost") else "no" for e in kept],
        }
    )[inside]
    return frame[frame["event"] > 0] if view.log_x else frame


def plan(store: Store, view: View, last: int, ahead: bool) -> pd.DataFrame:
    """The learning rate still to come from step `last`: to its end if `ahead`, else a little beyond the last step."""
    newest = {found.group: found for found in store.plans(view.run)}
    tables = []
    for group, found in newest.items():
        if not len(found.steps) or found.steps[-1] <= last:
            continue
        end = int(found.steps[-1])
        if not ahead:
            end = min(end, last + max(1, (last - (view.lo or 0)) // 20))
        if view.hi is not None:
            end = min(end, view.hi)
        if end <= max(last, view.lo or 0):
            continue
        inner = found.steps[(found.steps > last) & (found.steps < end)]
        steps = np.unique(np.concatenate([[last], inner, [end]]))
        values = np.interp(steps, found.steps, found.values)
        tables.append(pd.DataFrame({"plan_x": place(store, view, steps), "plan": values, "part": group}))
    empty = pd.DataFrame({"plan_x": [], "plan": [], "part": []})
    return pd.concat(tables, ignore_index=True) if tables else empty


def _abandoned(store: Store, view: View, signal: str, part: tuple[str, ...]) -> pd.DataFrame:
    """The steps of every attempt that a later attempt replaced."""
    survived = {attempt: high for attempt, _, high in store.lineage(view.run)}
    tables = [_NO_OLD]
    for attempt in store.attempts(view.run):
        beyond = survived.get(attempt.number, attempt.from_step)
        lo = beyond + 1 if view.lo is None else max(beyond + 1, view.lo)
        if lo > (view.hi if view.hi is not None else 2**61):
            continue
        found = store.buckets(view.run, signal, part, lo=lo, hi=view.hi, width=view.width, attempt=attempt.number)
        if len(found):
            step = (found.first + found.last) // 2
            x = place(store, view, step)
            value = np.where(found.mean > 0, found.mean, np.nan) if view.log_y else found.mean
            tables.append(pd.DataFrame({"old_x": x, "old": value, "step": step, "attempt": str(attempt.number)}))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def clock(milliseconds: float) -> str:
    seconds = int(milliseconds // 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
