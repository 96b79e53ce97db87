"""What-if forecasts: the futures that a reader asks about, each with its schedule, its forecast, and what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....errors import BarographError, CannotForecast
from ...analysis.forecasting import Forecast, Schedule
from ...analysis.forecasting.future import Future, GradientNorms, Start, parse_future
from ...analysis.forecasting.futures.decay import Decay
from ...analysis.forecasting.futures.extend import Extend
from ...analysis.forecasting.futures.hold import Hold
from ...analysis.forecasting.futures.keep import Keep
from ...services.pace import Pace

MOST = 4  # futures compared at once
PLACES = 240  # points of a curve


@dataclass(frozen=True, eq=False)
class Scenario:
    """One future with its whole learning rate and its forecast, or with the reason why there is none."""

    word: str
    name: str
    schedule: Schedule | None = None
    forecast: Forecast | None = None
    why_not: str = ""


def name(word: str) -> str:
    """What a future is called; one that cannot be understood, by its word.

    >>> name("decay,linear,5000,0"), name("cycles,3,40000,0.1"), name("keep"), name("nonsense,1")
    ('decay now, linear over 5,000 steps', '3 cycles to step 40,000', 'keep the plan', 'nonsense,1')
    """
    try:
        return parse_future(word).label
    except CannotForecast:
        return word[:60]


def usual(made: Forecast, schedule: Schedule) -> list[str]:
    """The futures that are looked at first: the plan, decaying now, and going on for a quarter, or half, as long."""
    on = int(1.25 * schedule.total)
    first: list[Future] = [Decay("linear", max(made.at // 5, 1)), Hold("linear", on, on // 5)]
    if schedule.total > made.at:
        first = [Keep(), *first, Extend(int(1.5 * schedule.total))]
    return [str(future) for future in first]


def scenarios(
    made: Forecast, schedule: Schedule, words: Sequence[str], norms: GradientNorms | None = None
) -> list[Scenario]:
    """The forecast under each of `words`; one that cannot be carries the reason instead."""
    out, start = [], Start(schedule, made.at, norms)
    for word in words[:MOST]:
        try:
            changed = parse_future(word).apply(start)
            out.append(Scenario(word, name(word), changed, made.under(changed)))
        except BarographError as error:
            out.append(Scenario(word, name(word), why_not=str(error)))
    return out


def frames(found: list[Scenario], seen: pd.DataFrame, at: int) -> dict[str, pd.DataFrame]:
    """What `charts.futures` draws: "seen" (step, loss) without the steep beginning, "fans" and "rates"."""
    fans, rates = [], []
    for one in found:
        if one.forecast is None or one.schedule is None:
            continue
        first = at or one.schedule.total // 10  # of a run that has not started
        steps = np.unique(np.linspace(first, one.schedule.total, PLACES).astype(int))
        band = one.forecast.curve(steps, one.schedule if at else None)
        columns = {key: getattr(band, key) for key in ("mid", "low50", "high50", "low90", "high90")}
        fans.append(pd.DataFrame({"step": steps, **columns, "future": one.name}))
        places = np.union1d(np.linspace(1, one.schedule.total, 600).astype(int), one.schedule.corners(600))
        rates.append(pd.DataFrame({"step": places, "lr": one.schedule.eta[places - 1], "future": one.name}))
    empty = pd.DataFrame({"step": [], "mid": [], "low50": [], "high50": [], "low90": [], "high90": [], "future": []})
    furthest = max([one.schedule.total for one in found if one.schedule] or [at])
    late = seen.loc[seen["step"] >= min(0.3 * at, 0.1 * furthest)]
    return {
        "seen": seen[seen["loss"] <= late["loss"].max()] if len(late) else seen,
        "fans": pd.concat(fans, ignore_index=True) if fans else empty,
        "rates": pd.concat(rates, ignore_index=True) if rates else pd.DataFrame({"step": [], "lr": [], "future": []}),
    }


def table(found: list[Scenario], pace: Pace, at: int) -> pd.DataFrame:
    """One row a future, with its interval and what it takes."""
    rows = []
    for one in found:
        if one.forecast is not None and one.schedule is not None:
            forecast, total = one.forecast, one.schedule.total
            row: dict[str, object] = {
                "schedule": one.name,
                "final loss": forecast.mid,
                "90 % low": forecast.low90,
                "90 % high": forecast.high90,
            }
            rows.append(row | {"steps": total} | pace.row(total, max(total - at, 0)))
    return pd.DataFrame(rows)
