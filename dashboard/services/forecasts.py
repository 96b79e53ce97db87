"""A run's forecast from what the store holds of it: its losses, its learning rate and plan, and the runs before it.

Where a run has enough validation losses they are what is forecast, else its training loss. The learning rate is the
recorded one, continued by the newest plan. Earlier finished runs of the store stand behind the forecast, nearest first.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...db import Plan, Prediction, Run, Store
from ..analysis.forecasting import (
    Finished,
    Forecast,
    Library,
    ProposedPlan,
    Schedule,
    Setup,
    Verdict,
    forecast,
    proposals,
    shipped,
)
from ..analysis.forecasting.verdict import FEWEST
from .forecast_scores import Score, score
from .run_forecast import RunForecast, as_prediction

SIGNALS = ("val_loss", "loss")
SHARE = 0.005  # of the planned steps from one forecast of a running run to the next
BEHIND = 24  # finished runs of the store that a forecast stands on at most
SHARES = (0.2, 0.3, 0.5, 0.7, 0.9)  # of a run at which a back-test asks what the forecast would have been


def main_group(run: Run) -> str:
    """The parameter group that drives most parameters; the first where that was not recorded."""
    optimizers = run.provenance.get("optimizers") or [{}]
    counts = [group.get("parameters", 0) for group in optimizers[0].get("groups", [])]
    return str(int(np.argmax(counts))) if counts else "0"


def learning_rate(store: Store, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """The recorded learning rate of the main group: steps (n,) from 1 on, values (n,); repeated knots left out."""
    parts = store.signals(run.id)["lr"].parts if "lr" in store.signals(run.id) else ()
    wanted = (main_group(run),)
    part = wanted if wanted in parts else parts[0] if parts else ()
    series = store.series(run.id, "lr", part, lo=1)
    keep = np.isfinite(series.values)
    steps, values = series.steps[keep], series.values[keep]
    if len(steps) > 2:  # inner points of a straight piece add nothing
        slope = np.diff(values) / np.diff(steps)
        bend = np.abs(np.diff(slope)) > 1e-12 * max(values.max(), 1e-300)
        knots = np.concatenate([[True], bend, [True]])
        steps, values = steps[knots], values[knots]
    return steps, values


def schedule_of(store: Store, run: Run) -> tuple[Schedule | None, str]:
    """The whole learning rate, recorded and planned, and where its future was read; (None, why not) where unknown."""
    steps, values = learning_rate(store, run)
    if not len(steps) or values.max() <= 0:
        return None, "this run did not record a learning rate"
    last = run.last_step or int(steps[-1])
    plan = next((p for p in reversed(store.plans(run.id)) if p.group in (main_group(run), "0") and len(p.steps)), None)
    if plan is not None and plan.steps[-1] > steps[-1]:
        ahead = plan.steps > steps[-1]
        steps, values = np.append(steps, plan.steps[ahead]), np.append(values, plan.values[ahead])
        return Schedule(steps, values), plan.origin
    ended = run.state != "running" or not run.steps_planned or run.steps_planned <= last
    if len(steps) < 2 or not ended:
        return None, "how its learning rate goes on is not known; choose a plan"
    return Schedule(steps, values), "recorded"


def setup_of(run: Run, schedule: Schedule) -> Setup:
    """What tells two runs apart for the prior: size, peak learning rate, tokens a step; same project, same family."""
    size = float(run.size.get("non_embedding") or run.size.get("total") or 1e8)
    return Setup(
        f"{size:.3g}/{schedule.peak:.3g}/{run.tokens_per_step or 0:g}", f"store:{run.project}", schedule.peak, size
    )


def losses_of(store: Store, run: Run, warmup: int = 0) -> tuple[str, np.ndarray, np.ndarray]:
    """The loss to forecast: validation where it has enough points after the warm-up, else training."""
    for signal in SIGNALS:
        series = store.series(run.id, signal, lo=1)
        if np.count_nonzero(series.steps > warmup) >= FEWEST:
            break
    return series.signal, series.steps, series.values


def finished(store: Store, run: Run, signal: str, setup: Setup) -> list[Finished]:
    """The finished runs of the store that a forecast of `run` may stand on: same kind of loss, nearest setup first."""
    found = []
    for other in store.runs():
        if other.id == run.id or other.state != "finished" or signal not in (signals := store.signals(other.id)):
            continue
        if "lr" not in signals:
            continue
        schedule, _ = schedule_of(store, other)
        if schedule is not None:
            near = setup_of(other, schedule)
            away = abs(np.log(near.peak_lr / setup.peak_lr)) + abs(np.log(near.params / setup.params))
            found.append(((near.name != setup.name, near.project != setup.project, away), other, schedule, near))
    found.sort(key=lambda entry: entry[0])
    out = []
    for _, other, schedule, near in found[:BEHIND]:
        series = store.series(other.id, signal, lo=1)
        out.append(Finished(series.steps, series.values, schedule, near))
    return out


class Forecasts:
    """The newest forecast of each run of a store, one fit a change however many look; safe to share between threads."""

    def __init__(self, store: Store):
        self.store = store
        self._made: dict[tuple, tuple[object, RunForecast]] = {}
        self._libraries: dict[tuple, Library] = {}
        self._lock = threading.Lock()

    def of(self, run_id: str, *, at: int | None = None) -> RunForecast:
        """The forecast of a run as of now, or of step `at` with its learning rate known; `key` says when it is made."""
        run = self.store.run(run_id)
        key = self.key(run)
        with self._lock:
            kept = self._made.get((run_id, at))
            if kept is None or kept[0] != key:
                kept = self._made[run_id, at] = key, self._make(run, at)
            return kept[1]

    def newest(self, run_id: str) -> RunForecast | None:
        """A run's last forecast, however old, without waiting for a fit; None where none was made yet."""
        kept = self._made.get((run_id, None))
        return kept[1] if kept else None

    def key(self, run: Run) -> tuple:
        """What a run's forecast is kept under: it is made anew after each 0.5 % of the plan, a new plan, or the end."""
        stride = max(1, int((run.steps_planned or 0) * SHARE))
        running = run.state == "running"
        at = (run.last_step or 0) // stride if running else run.last_step
        return run.attempt, run.state, at, len(self.store.plans(run.id))

    def _make(self, run: Run, at: int | None) -> RunForecast:
        schedule, origin = schedule_of(self.store, run)
        signal, steps, losses = losses_of(self.store, run, schedule.warmup if schedule else 0)
        now = at if at is not None else run.last_step or 0
        if schedule is None:
            return RunForecast(run.id, signal, steps, losses, None, origin, Forecast(now, now, Verdict.NO_LR))
        setup = setup_of(run, schedule)
        made = forecast(
            steps, losses, schedule, setup=setup, library=self._library(run, signal, setup), at=min(now, schedule.total)
        )
        return RunForecast(run.id, signal, steps, losses, schedule, origin, made)

    def _library(self, run: Run, signal: str, setup: Setup) -> Library:
        ended = tuple(sorted(r.id for r in self.store.runs() if r.state == "finished" and r.id != run.id))
        key = (ended, signal, setup)
        if key not in self._libraries:
            self._libraries.clear()  # one state of the store at a time
            self._libraries[key] = shipped().plus(finished(self.store, run, signal, setup))
        return self._libraries[key]

    def save(self, run_id: str) -> Prediction:
        """Makes a run's forecast and stores it as it was made, so that it can be scored later."""
        prediction = as_prediction(self.of(run_id))
        self.store.predictions.save(run_id, replace(prediction, attempt=self.store.run(run_id).attempt))
        return prediction

    def propose(self, run_id: str) -> list[ProposedPlan]:
        """Plans that fit the learning rate seen so far, best first; [] where none was recorded."""
        run = self.store.run(run_id)
        steps, values = learning_rate(self.store, run)
        return proposals(steps, values, run.steps_planned) if len(steps) > 1 else []

    def confirm(self, run_id: str, schedule: Schedule) -> None:
        """Saves a plan that the user has chosen with the run."""
        run = self.store.run(run_id)
        at = run.last_step or 0
        self.store.plans.save(
            run_id, Plan(schedule.steps.astype(np.int64), schedule.lr, main_group(run), "confirmed", at)
        )

    def backtest(self, run_id: str) -> list[Score]:
        """What the forecast would have been at 20, 30, 50, 70 and 90 % of an ended run, against where it ended."""
        end = self.of(run_id)
        if end.schedule is None or not len(end.steps):
            return []
        out = []
        for share in SHARES:
            found = self.of(run_id, at=int(share * end.steps[-1]))
            if found.schedule is not None and found.forecast.fits:
                # of the step at which the run ended, which may be before its planned end
                there = found.forecast.under(found.schedule, end.reached_at)
                out.append(score(as_prediction(replace(found, forecast=there)), end.reached))
        return out


@functools.cache
def shared(path: Path) -> Forecasts:
    """The forecasts of a store for all of this process: the watcher keeps them current, the pages read them."""
    return Forecasts(Store(path))
