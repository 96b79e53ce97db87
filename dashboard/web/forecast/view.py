"""What the pages show of a run's forecast: frames, rows and sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ....formatting import number
from ...services.close_up import after_descent, labelled, outside
from ...services.forecast_scores import Score
from ...services.frames import View, clock
from ...services.run_forecast import RunForecast

KINDS = {"val_loss": "validation loss", "loss": "training loss"}
ORIGINS = {"scheduler": "the scheduler's plan", "confirmed": "the plan you saved", "recorded": "as recorded"}
PLACES = 160  # points of a fan's curve
BAND = ("mid", "low50", "high50", "low90", "high90")


def fan(
    view: View, made: RunForecast, locate: Callable[[np.ndarray], np.ndarray], ahead: bool = True
) -> dict[str, pd.DataFrame]:
    """Frames for `charts.fan`: the law's curve through what was fitted, and the bands from there to the planned end.

    `locate` gives the places of steps on the x axis.
    """
    forecast = made.forecast
    first = last = forecast.at
    if forecast.fits:
        first, last = int(forecast.fits[0][1].steps[0]), max(forecast.for_step, forecast.at) if ahead else forecast.at
    first, last = max(first, view.lo or 0), min(last, view.hi if view.hi is not None else last)
    steps = np.empty(0, int)
    if last > first and forecast.fits:
        steps = np.unique(np.linspace(first, last, PLACES).astype(int))
    if first < forecast.at < last:
        steps = np.union1d(steps, [forecast.at])
    numbers = {name: np.empty(0) for name in BAND}
    if len(steps):
        band = forecast.curve(steps)
        numbers = {name: getattr(band, name) for name in BAND}
    frame = pd.DataFrame({"x": locate(steps) if len(steps) else steps, "step": steps, **numbers})
    if view.axis == "time":
        frame["at"] = [clock(x) for x in frame["x"]]
    if view.log_x:
        frame = frame[frame["x"] > 0]
    law = frame[frame["step"] <= forecast.at][["x", "mid"]].rename(columns={"mid": "law"})
    return {"": frame[frame["step"] >= forecast.at], ".law": law}


def close_up(found: dict[str, pd.DataFrame], seen: int, shown: int) -> dict[str, pd.DataFrame]:
    """The loss panel's frames without the steep beginning: what lies higher than all that comes after 8 % of the steps.

    A spike counts as what comes after, however early: what rises again once its curve has come down. The beginning is
    marked at the upper edge (`loss.beyond`).
    """
    first = min(0.08 * shown, 0.3 * seen)
    tallest = {"loss": "high", "loss.val": "val", "loss.fan": "high90"}
    late = [found[name].loc[found[name]["step"] >= first, column].max() for name, column in tallest.items()]
    top, below = np.nanmax(late) if np.isfinite(late).any() else np.inf, -np.inf
    while below < top:
        below = top
        spikes = [after_descent(found[name][tallest[name]], top).max() for name in ("loss", "loss.val")]
        top = np.nanmax([top, *spikes])
    columns = {**tallest, "loss.fan.law": "law", "loss.old": "old"}
    kept = {name: frame[~(frame[columns[name]] > top)] if name in columns else frame for name, frame in found.items()}
    places = {"loss": "x", "loss.val": "val_x", "loss.old": "old_x"}
    marks = [outside(found[name], columns[name], top, x=x) for name, x in places.items() if name in found]
    return kept | {"loss.beyond": labelled(marks, float(found["loss"]["x"].max() - found["loss"]["x"].min()))}


def loss(value: float | None) -> str:
    """A loss in four figures, trailing zeros kept, so that the ends of an interval look alike.

    >>> loss(3.02), loss(None)
    ('3.020', '–')
    """
    return number(value) if value is None or not 1e-3 < abs(value) < 1e4 else f"{value:#.4g}"


def interval(low: float | None, high: float | None) -> str:
    """An interval in words.

    >>> interval(3.0912, 3.02)
    '3.091 to 3.020'
    """
    return f"{loss(low)} to {loss(high)}"


def loss_name(made: RunForecast) -> str:
    """What is forecast, in words."""
    return KINDS.get(made.signal, made.signal)


def sentences(made: RunForecast) -> list[str]:
    """What the forecast is of, when it was made, what it stands on, and how sure that is; or why there is none."""
    forecast = made.forecast
    if forecast.mid is None:
        more = f" ({made.origin})" if made.schedule is None else ""
        return [f"{forecast.verdict.value}{more}"]
    plan = ORIGINS.get(made.origin, made.origin)
    when = f"made at step {forecast.at:,} for step {forecast.for_step:,}"
    before = f" (up to step {made.since:,} of the training loss)" if made.since else ""
    return [
        f"Forecast of the {loss_name(made)}{before}, {when}; learning rate: {plan}; {forecast.evidence}.",
        forecast.verdict.value,
    ]


def remembered(scored: Sequence[Score], ended: bool) -> str:
    """How past forecasts did: "At 30 % of the run the forecast was 3.12 to 3.19; it ended at 3.14." """
    if not scored:
        return ""
    first = min(scored, key=lambda one: abs(one.prediction.made_at / max(one.prediction.for_step, 1) - 0.3))
    share = 100 * first.prediction.made_at / max(first.prediction.for_step, 1)
    then = f"At {share:.0f} % of the run the forecast was {interval(first.prediction.low90, first.prediction.high90)}"
    if not ended:
        return f"{then} (90 %); now it is {interval(scored[-1].prediction.low90, scored[-1].prediction.high90)}."
    held = sum(one.in90 for one in scored)
    inside = f"{held} of {len(scored)} such intervals contained the final loss"
    return f"{then} (90 %); it ended at {loss(first.truth)}. {inside}."


def history(scored: Sequence[Score], ended: bool) -> pd.DataFrame:
    """Past forecasts as a table, oldest first."""
    rows = []
    for one in scored:
        made = one.prediction
        row = {"made at step": made.made_at, "for step": made.for_step, "forecast": made.mid}
        row |= {"90 % low": made.low90, "90 % high": made.high90}
        if ended:
            row |= {"ended at": one.truth, "error, %": one.error_pct, "inside": one.in90}
        rows.append(row)
    return pd.DataFrame(rows)
