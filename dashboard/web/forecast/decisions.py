"""What the Forecast page asks of the laws: the past of a run, the laws side by side, answers, plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from ....db.records import Run
from ....errors import BarographError
from ...analysis.forecasting import Schedule, before_start, best_decay, compare, if_decayed_now, shipped, steps_to
from ...analysis.forecasting.futures.hold import Hold, hold
from ...analysis.forecasting.laws.power_steps import step_scale
from ...services.earlier_runs import finished, project_of, setup_of
from ...services.forecast_scores import Score
from ...services.frames import AUTO, View
from ...services.pace import Pace
from ...services.run_forecast import RunForecast
from .. import cache
from .cached import current, forecasts
from .scenarios import Scenario
from .view import interval, loss, loss_name

SCORED = 24  # finished runs that the hit rate is taken over, newest first
UNBORN = {
    "cosine": "cosine to 0",
    "linear": "linear to 0",
    "wsd": "stable, the last fifth decays",
    "constant": "constant",
}


def seen(run: Run, made: RunForecast) -> pd.DataFrame:
    """The losses that were recorded, thinned for a chart; single batches are smoothed for the eye."""
    found = cache.line(View(run.id, half_life=AUTO if made.signal == "loss" else 0), made.signal)[""]
    return found[["step", "smooth"]].rename(columns={"smooth": "loss"}).dropna()


def laws(run: Run, made: RunForecast) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, str]:
    """Every law fitted to the run: finals, parameters with 90 % intervals, residuals, and how far the laws disagree.

    Raises CannotForecast where too few losses are there to compare."""
    schedule = made.known_schedule
    found = compare(
        made.steps,
        made.losses,
        schedule,
        setup=setup_of(run, schedule, made.signal),
        library=made.forecast.library or shipped(),
        at=made.forecast.at,
    )
    best = found[0].evidence
    finals = pd.DataFrame(
        {
            "law": [one.law.title for one in found],
            "final loss": [one.final.mid for one in found],
            "90 % low": [one.final.low for one in found],
            "90 % high": [one.final.high for one in found],
            "residuals, % (sd)": [100 * float(np.std(one.residuals)) for one in found],
            "log evidence below the best": [best - one.evidence for one in found],
        }
    )
    values = pd.DataFrame(
        [
            {"law": one.law.title, "parameter": name, "value": v.mid, "90 % low": v.low, "90 % high": v.high}
            for one in found
            for name, v in one.parameters.items()
        ]
    )
    left = pd.concat(
        [pd.DataFrame({"step": one.steps, "residual": 100 * one.residuals, "law": one.law.title}) for one in found]
    )
    low, high = min(one.final.mid for one in found), max(one.final.mid for one in found)
    sentence = (
        f"The laws expect {interval(low, high)} at the end: they disagree by {100 * (high - low) / abs(low):.2f} %."
    )
    return finals, values, left, sentence


def several(runs: Sequence[Run]) -> pd.DataFrame:
    """A row a run: where it will end, and where if decayed now, so that runs in their stable phase compare fairly."""
    rows = []
    for run in runs:
        row: dict[str, object] = {"run": run.name, "state": run.state, "seen up to": run.last_step}
        try:
            made = current(run)
        except BarographError as error:
            rows.append({**row, "note": str(error)})
            continue
        forecast = made.forecast
        if forecast.fits:
            now = if_decayed_now(forecast, made.known_schedule)
            row |= {
                "for step": forecast.for_step,
                "forecast": forecast.mid,
                "90 %": interval(forecast.low90, forecast.high90),
            }
            row |= {"if decayed now": now.mid, "90 % if so": interval(now.low90, now.high90)}
        rows.append({**row, "loss": loss_name(made), "note": forecast.verdict.value})
    return pd.DataFrame(rows)


def coefficients(runs: Sequence[Run]) -> pd.DataFrame:
    """A row a run: its loss as L0 + (B / step)^a, fitted without regard to the learning rate, with 90 % intervals.

    B and a tell of the speed of learning at any loss, where last points tell of one step (arXiv:2402.17759)."""
    rows = []
    for run in runs:
        row: dict[str, object] = {"run": run.name}
        try:
            made = current(run)
            schedule, library = made.known_schedule, made.forecast.library or shipped()
            setup = setup_of(run, schedule, made.signal)
            found = compare(made.steps, made.losses, schedule, setup=setup, library=library)
        except BarographError as error:
            rows.append({**row, "note": str(error)})
            continue
        one = next((one for one in found if one.law.name == "power_steps"), None)
        if one is None:
            rows.append({**row, "note": "its learning rate rises again: a power law of the steps does not describe it"})
            continue
        value = one.parameters
        row |= {"L0": value["L0"].mid, "L0, 90 %": interval(value["L0"].low, value["L0"].high)}
        row |= {"a": value["a"].mid, "a, 90 %": interval(value["a"].low, value["a"].high)}
        scale = step_scale(one.posterior)
        rows.append({**row, "B, steps": scale.mid, "B, 90 %": scale.span("{:,.0f}".format), "note": ""})
    return pd.DataFrame(rows)


def decayed_now(made: RunForecast) -> str:
    """The loss of the run if its learning rate were decayed now."""
    forecast = if_decayed_now(made.forecast, made.known_schedule)
    return f"{loss(forecast.mid)} ({interval(forecast.low90, forecast.high90)}, 90 %) at step {forecast.for_step:,}"


def target(made: RunForecast, wanted: float, pace: Pace) -> list[str]:
    """What it takes to reach a loss, holding the learning rate and then decaying over the last fifth."""
    found = steps_to(made.forecast, made.known_schedule, wanted)
    if not np.isfinite(found.low):
        return [f"Not reached within {10 * made.forecast.at:,} steps, ten times as many as so far."]
    if not np.isfinite(found.high):
        upper = f"; it is not certain (95 %) within {10 * made.forecast.at:,} steps"
    else:
        upper = f"; {pace.takes(found.high)} if all goes badly (95 %)"
    return [f"Expected: {pace.takes(found.mid)}.", f"{pace.takes(found.low)} if all goes well (5 %){upper}."]


def best(made: RunForecast, total: int) -> tuple[str, str]:
    """The best decay for a run of `total` steps in all: in a sentence, and as a future's word."""
    length, forecast = best_decay(made.forecast, made.known_schedule, total)
    at = made.forecast.at
    plain = made.forecast.under(hold(made.known_schedule, at, total, max((total - at) // 5, 1)))
    sentence = (
        f"Hold until step {total - length:,}, then decay over {length:,} steps: {loss(forecast.mid)} "
        f"({interval(forecast.low90, forecast.high90)}, 90 %). Decaying over the last fifth: {loss(plain.mid)} "
        f"({interval(plain.low90, plain.high90)})."
    )
    return sentence, str(Hold("linear", total, length))


@st.cache_data(show_spinner=False, max_entries=20)
def _scored(path: str, ended: tuple[tuple[str, str], ...]) -> list[tuple[str, Score]]:
    return [(name, one) for run, name in ended for one in forecasts().backtest(run)]


def hit_rate() -> tuple[str, pd.DataFrame]:
    """How the forecasts of the store's finished runs would have done, each made with the other runs alone known."""
    ended = tuple((run.id, run.name) for run in cache.runs() if run.state == "finished")
    found = _scored(cache.path(), ended[:SCORED])
    if not found:
        return "No finished run of this store can be scored yet.", pd.DataFrame()
    errors = [abs(one.error_pct) for _, one in found]
    sentence = (
        f"{len(found)} forecasts of {len({name for name, _ in found})} finished runs: the 90 % interval contained "
        f"the final loss {sum(one.in90 for _, one in found)} times, the 50 % interval "
        f"{sum(one.in50 for _, one in found)} times; mean error {np.mean(errors):.2f} %, largest {max(errors):.2f} %."
    )
    rows = [
        {
            "run": name,
            "made at step": one.prediction.made_at,
            "forecast": one.prediction.mid,
            "90 % low": one.prediction.low90,
        }
        | {"90 % high": one.prediction.high90, "ended at": one.truth, "error, %": one.error_pct, "inside": one.in90}
        for name, one in found
    ]
    return sentence, pd.DataFrame(rows)


def shaped(kind: str, steps: int, peak: float, warmup: int, decay: float = 0.2) -> Schedule:
    """A schedule from scratch: warm-up, then constant, linear or cosine to 0, or stable and then a decay."""
    t = np.unique(np.concatenate([[0, warmup], np.linspace(warmup, steps, 400)]).astype(int))
    after = np.clip((t - warmup) / max(steps - warmup, 1), 0, 1)
    factor = {
        "cosine": 0.5 * (1 + np.cos(np.pi * after)),
        "linear": 1 - after,
        "wsd": np.minimum(1, (steps - t) / max(decay * steps, 1)),
        "constant": np.ones(len(t)),
    }[kind]
    return Schedule(t, peak * np.where(t < warmup, t / max(warmup, 1), factor), warmup)


def before(run: Run, steps: int, peak: float, size: float, warmup: int) -> list[Scenario]:
    """A run like `run` that has not started, under each shape of schedule, from the finished runs of its project."""
    ended = tuple(sorted(other.id for other in cache.runs() if other.state == "finished"))
    return _before(cache.path(), ended, run, steps, peak, size, warmup)


@st.cache_resource(show_spinner=False, max_entries=20, hash_funcs={Run: lambda run: run.id})
def _before(
    path: str, ended: tuple[str, ...], run: Run, steps: int, peak: float, size: float, warmup: int
) -> list[Scenario]:
    known = forecasts()
    signal, out = known.of(run.id).signal, []
    near = replace(run, id="", size={"non_embedding": int(size)})
    behind = None
    for kind in UNBORN:
        schedule = shaped(kind, steps, peak, warmup)
        setup = replace(setup_of(near, schedule, signal), project=project_of(run))
        behind = behind or shipped().plus(list(finished(known.store, near, signal, setup).runs))
        forecast = before_start(schedule, setup=setup, library=behind)
        out.append(Scenario(kind, UNBORN[kind], schedule, forecast if forecast.mid is not None else None))
    return out
