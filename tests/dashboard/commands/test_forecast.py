"""`barograph forecast`: numbers with their interval, another schedule, a target, and a sentence where there is none."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from barograph.dashboard.commands._app import app
from barograph.db import Plan, Run, Store

TOTAL = 3000


@pytest.fixture
def store(tmp_path):
    """A run at half of its plan: a constant learning rate, to be decayed over the last fifth."""
    steps = np.arange(1, TOTAL + 1)
    lr = 1e-3 * np.minimum(1, steps / 100) * np.clip((TOTAL - steps) / (TOTAL / 5), 0, 1)
    noise = 0.002 * np.random.default_rng(0).standard_normal(TOTAL // 2)
    loss = (2.5 + 0.5 * (np.cumsum(lr)[: TOTAL // 2] + 1e-3) ** -0.5) * (1 + noise)
    half = steps[: TOTAL // 2]
    run = Run("half", "half", state="stopped", steps_planned=TOTAL, size={"total": 10**8})
    Store(tmp_path / "runs.db").append(
        run, {"loss": (half, loss), ("lr", "0"): (half, lr[: TOTAL // 2])}, plans=[Plan(steps, lr)]
    )
    Store(tmp_path / "runs.db").append(Run("short", "short"), {"loss": (half[:5], loss[:5])})
    return tmp_path / "runs.db"


def ask(store, *words: str):
    return CliRunner().invoke(app, ["forecast", *words, "--store", str(store)])


def test_a_number_comes_with_its_interval_and_what_it_stands_on(store):
    answer = json.loads(ask(store, "half", "--json").stdout)
    assert answer["low90"] < answer["low50"] < answer["mid"] < answer["high50"] < answer["high90"]
    assert (answer["at"], answer["for_step"], answer["signal"]) == (1500, TOTAL, "loss")
    assert "effect of the decay" in answer["evidence"]
    said = ask(store, "half").stdout
    assert f"{answer['mid']:.4f}" in said and "90 %" in said


def test_another_schedule_and_a_target(store, tmp_path):
    plan = tmp_path / "plan.csv"
    plan.write_text("step,lr\n1501,1e-3\n6000,1e-3\n")
    held = json.loads(ask(store, "half", "--schedule", str(plan), "--json").stdout)
    planned = json.loads(ask(store, "half", "--target", "3.0", "--json").stdout)
    assert held["for_step"] == 6000
    assert planned["steps_to_target"]["target"] == 3.0
    assert planned["if_decayed_now"]["for_step"] == 1800


def test_seen_up_to_a_step(store):
    assert json.loads(ask(store, "half", "--at", "900", "--json").stdout)["at"] == 900


def test_what_cannot_be_said_is_a_sentence(store, tmp_path):
    assert "learning rate" in ask(store, "short").stdout
    wrong = ask(store, "half", "--schedule", str(tmp_path / "none.csv"))
    assert wrong.exit_code == 1 and "no file" in wrong.stderr
    (tmp_path / "bad.csv").write_text("step,lr\n1,x\n")
    assert "line 2" in ask(store, "half", "--schedule", str(tmp_path / "bad.csv")).stderr
    assert ask(store, "nobody").exit_code == 1
