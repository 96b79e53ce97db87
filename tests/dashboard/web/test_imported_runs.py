"""An imported run is a first-class run: forecast and detectors work on it, and what its log lacks is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from barograph.dashboard.analysis.forecasting import Verdict
from barograph.dashboard.services import health as health_room
from barograph.dashboard.services.forecasts import Forecasts
from barograph.dashboard.services.health import HealthChecks
from barograph.dashboard.web.health import desk
from barograph.db import Store
from barograph.db.importers import Folder, find, take_in
from tests.dashboard.made_up_forecast import STEPS, curve

MAIN = str(Path(__file__).parents[3] / "dashboard" / "web" / "main.py")


def write(path: Path, upto: int = STEPS, first: int = 0, spike: int | None = None, only: tuple = ()) -> Path:
    """A log as a training loop of one's own writes it."""
    steps, rate, loss = curve()
    loss = loss.copy()
    if spike:
        loss[spike : spike + 3] += 4.0
    with open(path, "a") as file:
        for step, lr, value in zip(*(column[first:upto].tolist() for column in (steps, rate, loss)), strict=True):
            row = {"iter": step, "train/loss": value, "learning_rate": lr, "total_tokens": 1000 * step}
            row |= {"grad_norm": 0.5 + 2 / step**0.5, "elapsed": 0.5 * step}
            file.write(json.dumps({k: v for k, v in row.items() if not only or k in only}) + "\n")
    return path


def imported(folder: Path, path: Path) -> tuple[Store, str]:
    store = Store(folder / "runs.db")
    (source,), _ = find([path])
    return store, take_in(store, source).run.id


def test_the_forecast_of_a_log_is_as_good_as_that_of_a_recorded_run(tmp_path):
    store, run = imported(tmp_path, write(tmp_path / "my-run.jsonl"))
    forecasts = Forecasts(store)
    early = forecasts.of(run, at=int(0.6 * STEPS))
    assert not early.forecast.verdict.refused and early.signal == "loss"
    truth = curve()[2][-100:].mean()
    assert abs(early.forecast.mid - truth) / truth < 0.02
    assert early.forecast.low90 <= truth <= early.forecast.high90


def test_the_detectors_see_what_happened_in_a_log(tmp_path):
    store, run = imported(tmp_path, write(tmp_path / "my-run.jsonl", spike=2500))
    health = HealthChecks(store).of(run)
    assert any(finding.kind == "loss_spike" and abs(finding.first - 2501) < 20 for finding in health.findings)
    assert health.until == STEPS and not health.failed
    said = " ".join(health.missing)
    assert "ttention" in said


def test_a_log_without_a_learning_rate_says_that_there_is_no_forecast(tmp_path):
    store, run = imported(tmp_path, write(tmp_path / "my-run.jsonl", only=("iter", "train/loss")))
    made = Forecasts(store).of(run)
    assert made.forecast.verdict is Verdict.NO_LR and "no learning rate is recorded" in made.origin


@pytest.mark.parametrize(("page", "says"), [
    ("pages/02_Run.py", "Gradient norm was not recorded"), ("pages/03_Forecast.py", "learning rate"),
    ("pages/04_Health.py", "not checked"),
])  # fmt: skip
def test_the_pages_say_what_a_bare_log_lacks(tmp_path, monkeypatch, page, says):
    imported(tmp_path, write(tmp_path / "my-run.jsonl", only=("iter", "train/loss")))
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))
    monkeypatch.setattr(desk, "PATIENCE", (30.0, 30.0))
    test = AppTest.from_file(MAIN, default_timeout=60).run()
    test.switch_page(page)
    test.run()
    assert not test.exception
    kinds = (test.caption, test.info, test.markdown, test.warning, test.header)
    assert says in "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def test_a_log_that_is_followed_is_scanned_once_and_read_on(tmp_path, monkeypatch):
    begun = []
    real = health_room.Scan
    monkeypatch.setattr(health_room, "Scan", lambda facts: begun.append(1) or real(facts))
    monkeypatch.setattr(health_room, "COSTLY", np.inf)
    (tmp_path / "logs").mkdir()
    path = write(tmp_path / "logs" / "my-run.jsonl", 1000, spike=2500)
    store = Store(tmp_path / "runs.db")
    folder, healths = Folder(store, tmp_path / "logs"), HealthChecks(store)
    for end in (1500, 2000, 2600, 3000):
        folder.look()
        run = store.run("my-run")
        assert run.state == "running"
        found = healths.of(run.id)
        write(path, end, store.run("my-run").last_step, spike=2500)
    folder.look()
    found = healths.of(run.id)
    assert found.until >= 2990 and any(finding.kind == "loss_spike" for finding in found.findings)
    assert len(begun) == 1
