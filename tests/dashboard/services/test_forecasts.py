"""From rows in a store to a forecast: which loss, which learning rate, which runs behind it, and how it did."""

from __future__ import annotations

import re

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule, Verdict
from barograph.dashboard.services.forecast_scores import scores
from barograph.dashboard.services.forecasts import Forecasts, losses_of, passes
from barograph.dashboard.services.run_forecast import as_prediction
from barograph.dashboard.web.forecast.view import sentences
from barograph.db import Store
from tests.dashboard.services.lawful_store import TOTAL, add, loss, rate


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


def test_what_differs_in_earlier_runs_is_named_with_its_cost(store):
    run = add(store, "half", 2000, seed=1, state="stopped", config={"width": 64, "seed": 1})
    for seed in (2, 3):
        add(store, f"earlier{seed}", seed=seed, config={"width": 128, "seed": seed})
    evidence = Forecasts(store).of(run.id).forecast.evidence
    assert "2 earlier runs of this project" in evidence
    assert re.search(r"they differ from it in width: runs that do not would narrow the interval by \d+%", evidence)
    add(store, "twin", seed=4, config={"width": 64, "seed": 4})
    assert "differ from it" not in Forecasts(store).of(run.id).forecast.evidence, "there is one that does not"


def test_a_run_whose_epochs_pass_one_repeats_its_data(store):
    run = add(store, "a", 2000, state="stopped")
    assert passes(store, run) == 0
    once = Forecasts(store).of(run.id).forecast
    steps = np.arange(100, 2001, 100)
    store.append(run, {"epoch": (steps, steps / 800)})
    assert passes(store, store.run(run.id)) == pytest.approx(TOTAL / 800)
    again = Forecasts(store).of(run.id).forecast
    assert "repeats its data" in again.evidence and "repeats its data" not in once.evidence
    assert again.high90 - again.low90 > once.high90 - once.low90


def test_from_when_on_validation_is_what_is_forecast_is_known(store):
    run = add(store, "a", 2000)
    assert Forecasts(store).of(run.id).since == 0
    steps = np.arange(100, 2001, 100)
    store.append(run, {"val_loss": (steps, np.full(len(steps), 3.0))})
    made = Forecasts(store).of(run.id)
    assert made.signal == "val_loss" and 800 <= made.since <= 1000
    assert f"up to step {made.since:,} of the training loss" in sentences(made)[0] or made.forecast.mid is None


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
