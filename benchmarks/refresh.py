"""How long one refresh of the live fan takes on a run of 100,000 steps.

    python -m benchmarks.refresh [--json]

The run is synthetic (the river law with noise, train loss of every step, WSD schedule, 60 % seen). A refresh is
everything: cleaning, binning, the fit of three laws, the forecast and a fan of 200 points. Beside it, in the same
process, the time of one evaluation of the Multi-Power Law as published (a sum over every step for every point), times
the evaluations that a fit by multi-start L-BFGS needs, for scale."""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from barograph.dashboard.analysis.forecasting.forecast import forecast
from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.population import shipped
from barograph.dashboard.analysis.forecasting.prior import Setup
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

STEPS, SEEN, REPEATS = 100_000, 60_000, 5
TRUE = np.log([2.6, 0.35, 0.48, 0.15, 60.0, 0.78, 0.5])
PUBLISHED_SECONDS = "28 to 33"  # of one fit by the authors' code, a loss every 128 steps of 24,000


def synthetic() -> tuple[np.ndarray, np.ndarray, Schedule]:
    schedule = Schedule([0, 1000, 80_000, STEPS], [0, 6e-4, 6e-4, 0])
    steps = np.arange(1, SEEN + 1)
    knots = np.unique(np.geomspace(1, STEPS, 400).astype(int))
    smooth = np.interp(steps, knots, known_laws()["river"].at(LRHistory.of(schedule, knots), TRUE)[0])
    return steps, smooth * np.exp(0.03 * np.random.default_rng(0).standard_normal(SEEN)), schedule


def refresh(steps, losses, schedule) -> float:
    started = time.perf_counter()
    fresh = Schedule(schedule.steps, schedule.lr)  # nothing cached from an earlier refresh
    made = forecast(steps, losses, fresh, setup=Setup("run", "project", fresh.peak, 1e8), library=shipped())
    made.curve(np.linspace(fresh.warmup + 1, STEPS, 200))
    return time.perf_counter() - started


def published_evaluation(schedule: Schedule, points: int = 190) -> float:
    """Seconds of one evaluation of the published form on one run: every point sums over every step before it."""
    eta, started = schedule.eta[:24_000], time.perf_counter()
    s1, drop = np.cumsum(eta), -np.diff(eta, prepend=eta[0])
    for t in np.linspace(2176, len(eta) - 1, points).astype(int):
        np.sum(drop[: t + 1] * (1 - (1 + 500 * eta[: t + 1] ** -0.5 * (s1[t] - s1[: t + 1])) ** -0.5))
    return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    steps, losses, schedule = synthetic()
    shipped()  # read once per process
    times = [refresh(steps, losses, schedule) for _ in range(REPEATS)]
    decaying = Schedule([0, 2160, 24_000], [0, 3e-4, 3e-5])
    result = {
        "steps": STEPS,
        "points": SEEN,
        "seconds": float(np.median(times)),
        "slowest": max(times),
        "published_evaluation_seconds": published_evaluation(decaying),
        "published_fit_seconds": PUBLISHED_SECONDS,
    }
    print(
        json.dumps(result, indent=1)
        if arguments.json
        else f"refresh of {SEEN:,} points of {STEPS:,} steps: {result['seconds']:.3f} s "
        f"(slowest {result['slowest']:.3f}); "
        f"one evaluation of the published form: {result['published_evaluation_seconds']:.3f} s; "
        f"its fit: {PUBLISHED_SECONDS} s"
    )


if __name__ == "__main__":
    main()
