"""From rows in a store to a forecast: which loss, which learning rate, which runs behind it, and how it did."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule, Verdict
from barograph.dashboard.services.earlier_runs import finished, setup_of
from barograph.dashboard.services.forecast_scores import scores
from barograph.dashboard.services.forecasts import Forecasts, losses_of
from barograph.dashboard.services.learning_rates import main_group, schedule_of
from barograph.dashboard.services.run_forecast import as_prediction
from barograph.db import Plan, Run, Store

TOTAL = 4000


def rate(peak: float = 1e-3, total: int = TOTAL) -> np.ndarray:
    """Warm-up over 100 steps, then linear to zero over the last fifth; the LR of steps 1..total."""
    steps = np.arange(1, total + 1)
    return peak * np.minimum(1, steps / 100) * np.clip((total - steps) / (total / 5), 0, 1)


def loss(lr: np.ndarray, seed: int = 0, noise: float = 0.002) -> np.ndarray:
    """The LR-annealing law with lambda = .99 and white noise, for every step."""
    s1 = np.cumsum(lr)
    drops = np.append(0.0, np.maximum(lr[:-1] - lr[1:], 0.0))
    momentum = np.zeros(len(lr))
    for k in range(1, len(lr)):
        momentum[k] = 0.99 * momentum[k - 1] + drops[k]
    clean = 2.5 + 0.5 * (s1 + 1e-3) ** -0.5 - 1.5 * np.cumsum(momentum)
    return clean * (1 + noise * np.random.default_rng(seed).standard_normal(len(lr)))


def add(store: Store, name: str, seen: int = TOTAL, *, seed: int = 0, plan: bool = True, **about) -> Run:
    lr = rate()
    steps = np.arange(1, seen + 1)
    about = {"state": "finished", "started": 1e9, "last_seen": 1e9, "steps_planned": TOTAL, "project": "p"} | about
    run = Run(name, name, size={"non_embedding": 10**8}, tokens_per_step=1e5, **about)
    points = {("lr", "0"): (steps, lr[:seen]), "loss": (steps, loss(lr, seed)[:seen])}
    plans = [Plan(np.arange(1, TOTAL + 1), lr)] if plan else []
    store.append(run, points, plans=plans)
    return store.run(name)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs.db")


def test_validation_is_forecast_where_it_has_enough_points(store):
    run = add(store, "a")
    assert losses_of(store, run)[0] == "loss"
    steps = np.arange(500, 4001, 250)
    store.append(run, {"val_loss": (steps, np.full(len(steps), 3.0))})
    assert losses_of(store, run, warmup=100)[0] == "val_loss"
    assert losses_of(store, run, warmup=3500)[0] == "loss"


def test_the_learning_rate_is_what_was_recorded_and_then_the_plan(store):
    run = add(store, "half", 2000)
    schedule, origin = schedule_of(store, run)
    assert origin == "scheduler" and schedule.total == TOTAL
    np.testing.assert_allclose(schedule.eta, rate(), atol=1e-9)


def test_a_running_run_without_a_plan_gets_a_guess_with_its_doubt_and_a_confirmed_one_helps(store, monkeypatch):
    run = add(store, "half", 2000, plan=False, state="running")
    monkeypatch.setattr("barograph.db.journal.unfolded.Unfolded.live", lambda self, run: 1e9)
    forecasts = Forecasts(store)
    guess = forecasts.of(run.id)
    assert guess.guessed and "wsd" in guess.origin and "cosine" not in guess.origin  # which would have bent by now
    assert "choose a plan" in guess.origin and "watch(plan=...)" in guess.origin
    proposed = forecasts.propose(run.id)
    assert {plan.shape for plan in proposed} == {"constant", "wsd", "cosine", "linear"}
    forecasts.confirm(run.id, Schedule(np.arange(1, TOTAL + 1), rate()))
    made = forecasts.of(run.id)
    assert made.origin == "confirmed" and not made.guessed and not made.forecast.verdict.refused
    assert made.forecast.high90 - made.forecast.low90 < guess.forecast.high90 - guess.forecast.low90


def test_the_group_with_most_parameters_is_the_one_that_counts(store):
    groups = [{"parameters": 10}, {"parameters": 1000}, {}]
    assert main_group(Run("a", "a", provenance={"optimizers": [{"groups": groups}]})) == "1"
    assert main_group(Run("a", "a")) == "0"


def test_earlier_finished_runs_of_the_store_narrow_the_interval(store):
    run = add(store, "half", 2000, seed=1, state="stopped")
    alone = Forecasts(store).of(run.id).forecast
    for seed in (2, 3):
        add(store, f"earlier{seed}", seed=seed)
    helped = Forecasts(store).of(run.id).forecast
    assert "2 earlier runs of this setup" in helped.evidence
    assert helped.high90 - helped.low90 < alone.high90 - alone.low90
    truth = loss(rate(), noise=0.0)[-1]
    assert helped.low90 < truth < helped.high90


def test_the_library_leaves_out_what_cannot_stand_behind(store):
    run = add(store, "half", 2000)
    add(store, "stopped", state="stopped")
    store.append(Run("no-lr", "no-lr", state="finished"), {"loss": (np.arange(10), np.ones(10))})
    schedule, _ = schedule_of(store, run)
    assert finished(store, run, "loss", setup_of(run, schedule, "loss")) == []


def test_one_fit_a_change_and_the_forecast_as_made_is_scored(store, monkeypatch):
    run = add(store, "a", 2000)
    forecasts = Forecasts(store)
    first = forecasts.of(run.id)
    assert forecasts.of(run.id) is first
    kept = forecasts.save(run.id)
    assert kept.made_at == 2000 and kept.for_step == TOTAL
    add(store, "a")
    ended = forecasts.of(run.id)
    assert ended is not first
    (one,) = scores(store, ended)
    assert one.prediction.mid == kept.mid and one.in90
    assert [s.prediction.made_at for s in forecasts.backtest(run.id)] == [800, 1200, 2000, 2800, 3600]


def test_a_refusal_is_a_row_too(store):
    run = add(store, "tiny", 3)
    prediction = as_prediction(Forecasts(store).of(run.id))
    assert np.isnan(prediction.mid) and prediction.verdict == Verdict.TOO_FEW.value
