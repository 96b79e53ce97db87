"""A run's forecast from what the store holds of it: its losses, its learning rate and plan, and the runs before it.

Where a run has enough validation losses they are what is forecast, else its training loss. The learning rate is the
recorded one, continued by the newest plan. Earlier finished runs of the store stand behind the forecast, nearest first.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...db import Plan, Prediction, Run, Store
from ..analysis.forecasting import (
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
from ..analysis.forecasting.guessed import over_plans
from .earlier_runs import DONE, Earlier, finished, setup_of
from .forecast_scores import Score, score
from .learning_rates import learning_rate, main_group, schedule_of
from .run_forecast import GUESSED, RunForecast, as_prediction

SIGNALS = ("val_loss", "loss")
SHARE = 0.005  # of the planned steps from one forecast of a running run to the next
ENOUGH = 8  # validation losses after the warm-up for them to be what is forecast
NAMED = 4  # settings that a sentence names
REACHED = (Verdict.FINISHED, Verdict.STOPPED)  # what has been reached needs no earlier runs
REPEATED = 1.05  # passes over its data beyond which a run repeats it
SHARES = (0.2, 0.3, 0.5, 0.7, 0.9)  # of a run at which a back-test asks what the forecast would have been


def losses_of(store: Store, run: Run, warmup: int = 0) -> tuple[str, np.ndarray, np.ndarray]:
    """The loss to forecast: validation where it has enough points after the warm-up, else training."""
    for signal in SIGNALS:
        series = store.series(run.id, signal, lo=1)
        if np.count_nonzero(series.steps > warmup) >= ENOUGH:
            break
    return series.signal, series.steps, series.values


def passes(store: Store, run: Run) -> float:
    """How many times the run will have gone through its data at its planned end, as its epochs tell; 0 if unknown."""
    epochs = store.series(run.id, "epoch", lo=1)
    if not len(epochs.steps) or not np.isfinite(epochs.values[-1]):
        return 0.0
    return float(epochs.values[-1]) * max((run.steps_planned or 0) / int(epochs.steps[-1]), 1.0)


def cost_of(differ: Sequence[str], made: Forecast, same: Forecast) -> str:
    """What runs of other setups differ in, and how much narrower the interval would be if they were the `same`."""
    named = ", ".join(differ[:NAMED]) + (f" and {len(differ) - NAMED} more" if len(differ) > NAMED else "")
    words = f"they differ from it in {named}"
    if same.mid is None:
        return words
    narrower = 1 - same.interval().width / made.interval().width
    return f"{words}: runs that do not would narrow the interval by {narrower:.0%}" if narrower >= 0.05 else words


class Forecasts:
    """The newest forecast of each run of a store, one fit a change however many look; safe to share between threads."""

    def __init__(self, store: Store):
        self.store = store
        self._made: dict[tuple, tuple[object, RunForecast]] = {}
        self._libraries: dict[tuple, tuple[Library, Earlier]] = {}
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
        repeated = passes(self.store, run) > REPEATED
        after = steps[steps > (schedule.warmup if schedule else 0)]
        changed = signal != SIGNALS[-1] and SIGNALS[-1] in self.store.signals(run.id)
        since = int(after[ENOUGH - 1]) if changed else 0

        def under(plan: Schedule) -> Forecast:
            setup = setup_of(run, plan, signal)
            library, earlier = self._library(run, signal, setup)

            def made(of: Library) -> Forecast:
                at = min(now, plan.total)
                return forecast(steps, losses, plan, setup=setup, library=of, at=at, repeats=repeated)

            others = [one for one in earlier.runs if one.setup.name != setup.name]
            first = made(library)
            if len(others) < len(earlier.runs) or not others or first.low90 is None or first.verdict in REACHED:
                return first
            same = made(shipped().plus([replace(one, setup=setup) for one in others]))
            return replace(first, evidence=f"{first.evidence}; {cost_of(earlier.differ, first, same)}")

        if schedule is not None:
            made = under(schedule)
            early = run.state != "running" and schedule.total < DONE * (run.steps_planned or 0)
            if early and made.verdict is Verdict.FINISHED:
                made = replace(made, verdict=Verdict.STOPPED)
            return RunForecast(run.id, signal, steps, losses, schedule, origin, made, since)
        plans = self.propose(run.id) if run.steps_planned and run.steps_planned > now else []
        if not plans:
            return RunForecast(run.id, signal, steps, losses, None, origin, Forecast(now, now, Verdict.NO_LR), since)
        made, schedule, shares = over_plans(plans, under)
        guess = ", ".join(f"{shape} {share:.0%}" for shape, share in shares.items())
        origin = f"{GUESSED} ({guess}); choose a plan, or pass watch(plan=...)"
        return RunForecast(run.id, signal, steps, losses, schedule, origin, made, since)

    def _library(self, run: Run, signal: str, setup: Setup) -> tuple[Library, Earlier]:
        ended = tuple(sorted(r.id for r in self.store.runs() if r.state == "finished" and r.id != run.id))
        key = (ended, signal, setup)
        if key not in self._libraries:
            self._libraries.clear()  # one state of the store at a time
            earlier = finished(self.store, run, signal, setup)
            self._libraries[key] = shipped().plus(list(earlier.runs)), earlier
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
        """What the forecast would have been at 20, 30, 50, 70 and 90 % of an ended run, against where it ended.

        A run that diverged ended nowhere that a forecast could be held against.
        """
        end = self.of(run_id)
        lost = self.store.run(run_id).state == "diverged" or end.forecast.verdict is Verdict.DIVERGED
        if end.schedule is None or not len(end.steps) or lost:
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
