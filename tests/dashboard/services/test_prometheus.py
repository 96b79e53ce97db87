"""/metrics: read by Prometheus' own parser, whatever runs are called."""

import math
from collections import Counter

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from barograph.dashboard.services import prometheus
from barograph.dashboard.web.routes import routes
from barograph.db import Finding, Prediction, Run, Store
from barograph.db.records import STATES
from tests.dashboard import made_up


@pytest.fixture
def scrape(monkeypatch, tmp_path):
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))

    def ask() -> dict:
        answer = TestClient(Starlette(routes=routes)).get("/metrics")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
        found = {(s.name.removeprefix("barograph_"), tuple(sorted(s.labels.items()))): s.value for s in samples}
        assert len(found) == len(samples), "no series twice"
        return found

    return ask


def of(found: dict, name: str, *wanted: str) -> dict:
    """{the wanted labels' values: value} of one metric."""
    out = {}
    for (which, labels), value in found.items():
        if which == name:
            out[tuple(dict(labels)[label] for label in wanted)] = value
    return out


def test_a_run_with_its_forecast_and_findings(scrape, tmp_path):
    store, steps = Store(tmp_path / "runs.db"), np.arange(100)
    points = {"loss": (steps, 3 - steps / 100), "val_loss": ([50], [math.inf]), "tokens_per_s": (steps, steps * 10.0)}
    store.append(Run("a", 'x"\\\n{y}', "p", state="finished", steps_planned=200, last_seen=1e9 + 0.5), points)
    store.append(Run("b", "b", state="diverged"), {"loss": ([1], [math.nan])})
    store.predictions.save("a", Prediction(50, 200, "loss", 9.0, 8.0, 9.5, 7.0, 9.9))
    store.predictions.save("a", Prediction(99, 200, "loss", 2.0, 1.9, 2.1, 1.8, 2.2))
    store.predictions.save("a", Prediction(99, 300, "loss", 1.0, 1.0, 1.0, 1.0, 1.0, schedule="cosine"))
    store.findings.save(
        "a", [Finding("k", str(i), 5, 5, 5, severity, "s", open=i != 1) for i, severity in enumerate([2, 2, 1, 2])]
    )
    store.findings.judge("a", "k", "3", 5, "wrong")
    found = scrape()
    assert of(found, "runs", "state") == dict.fromkeys([(state,) for state in STATES], 0) | {
        ("finished",): 1,
        ("diverged",): 1,
    }
    assert of(found, "run_running", "run") == {("a",): 0, ("b",): 0}
    assert of(found, "run_last_step", "name", "run") == {('x"\\\n{y}', "a"): 99, ("b", "b"): 1}
    losses = of(found, "run_loss", "run", "signal")
    assert losses["a", "loss"] == pytest.approx(2.01) and losses["a", "val_loss"] == math.inf
    assert math.isnan(losses["b", "loss"])
    assert of(found, "run_forecast_loss", "bound", "for_step") == {
        ("mid", "200"): 2.0, ("low90", "200"): 1.8, ("high90", "200"): 2.2
    }  # fmt: skip
    assert of(found, "run_tokens_per_second", "run") == {("a",): 990.0}
    assert of(found, "run_steps_planned", "project") == {("p",): 200}
    assert of(found, "run_findings", "run", "severity") | {("b", "act"): 0} == {
        ("a", "act"): 2, ("a", "watch"): 1, ("a", "note"): 0, ("b", "act"): 0, ("b", "watch"): 0, ("b", "note"): 0
    }  # fmt: skip
    assert of(found, "run_open_findings", "run", "severity")["a", "act"] == 1
    assert of(found, "run_last_seen_timestamp_seconds", "run")["a",] == 1e9 + 0.5


@pytest.mark.parametrize("situation", [*made_up.SITUATIONS, made_up.running], ids=lambda s: s.__name__)
def test_every_situation_can_be_scraped(scrape, tmp_path, situation):
    made = situation(tmp_path / "runs.db")
    found = scrape()
    assert sum(of(found, "runs", "state").values()) == len(Store(tmp_path / "runs.db").runs())
    assert list(of(found, "run_running", "run").values()).count(1) == (situation is made_up.running)
    if situation is made_up.running:
        made.close()


def test_the_number_of_runs_is_bounded(scrape, tmp_path, monkeypatch):
    monkeypatch.setattr(prometheus, "RECENT", 3)
    made_up.forty(tmp_path / "runs.db")
    found = scrape()
    assert len(of(found, "run_last_step", "run")) == 3 and sum(of(found, "runs", "state").values()) == 40
    assert max(Counter(name for name, _ in found).values()) <= 9


def test_without_a_store_it_is_empty_and_a_broken_one_says_why(scrape, tmp_path, monkeypatch):
    assert scrape() == {}
    (tmp_path / "runs.db").write_text("no database " * 200)
    answer = TestClient(Starlette(routes=routes)).get("/metrics")
    assert answer.status_code == 503 and "runs.db" in answer.text
