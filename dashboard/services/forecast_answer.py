"""Where a run will end: under its plan or a given schedule, if decayed now, and the steps to a target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...db import Store
from ...errors import InvalidInput
from ...interval import Interval
from ..analysis.forecasting import Forecast, Schedule
from ..analysis.forecasting.future import Start
from ..analysis.forecasting.futures.knots import read_csv
from ..analysis.forecasting.questions import if_decayed_now, steps_to
from .forecasts import Forecasts


@dataclass(frozen=True)
class ForecastAnswer:
    """A run's forecast under `schedule` (named by where it is from); None where no forecast can be made.

    `decayed_now` is the forecast of a decay that begins now, `steps_to_target` the steps of the shortest run that
    reaches `target`.
    """

    run: str
    signal: str
    forecast: Forecast
    schedule: str
    decayed_now: Forecast | None = None
    target: float | None = None
    steps_to_target: Interval | None = None


def forecast_answer(
    store: Store, run: str, *, at: int | None = None, schedule: Path | None = None, target: float | None = None
) -> ForecastAnswer:
    """The answer for a run by name or id, as if only the steps up to `at` had been seen; `schedule` is a CSV file.

    NoSuchRun for an unknown run, InvalidInput for a file that is no schedule, CannotForecast where it does not go on
    from this run.
    """
    found = Forecasts(store).of(store.run(run).id, at=at)
    forecast = found.forecast
    if forecast.verdict.refused or found.schedule is None:
        return ForecastAnswer(found.run, found.signal, forecast, found.origin)
    return ForecastAnswer(
        found.run,
        found.signal,
        forecast if schedule is None else forecast.under(read_schedule(schedule, found.schedule, forecast.at)),
        found.origin if schedule is None else str(schedule),
        if_decayed_now(forecast, found.schedule.upto(forecast.at)),
        target,
        None if target is None else steps_to(forecast, found.schedule, target),
    )


def read_schedule(path: Path, past: Schedule, at: int) -> Schedule:
    """The learning rate as it was up to step `at`, then that of a CSV file with the columns step and lr.

    InvalidInput names the line that cannot be used.
    """
    if not path.is_file():
        raise InvalidInput(f"no file {path}; expected a CSV with columns step,lr")
    return read_csv(path.read_text(encoding="utf-8", errors="replace"), str(path)).apply(Start(past, at))
