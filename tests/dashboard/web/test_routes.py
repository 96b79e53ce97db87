"""What the server answers beside the pages: /healthz."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from barograph.dashboard.web.routes import routes
from tests.dashboard import made_up


@pytest.fixture
def health(monkeypatch, tmp_path):
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))
    return lambda: TestClient(Starlette(routes=routes)).get("/healthz")


def test_healthy_without_a_store_and_with_one(health, tmp_path):
    assert health().json()["runs"] == 0 and health().status_code == 200
    made_up.finished(tmp_path / "runs.db", 50)
    assert health().json() == {"status": "ok", "store": str(tmp_path / "runs.db"), "runs": 1, "running": 0}


def test_ill_when_the_store_is_none(health, tmp_path):
    (tmp_path / "runs.db").write_text("no database " * 200)
    answer = health()
    assert answer.status_code == 503 and "runs.db" in json.loads(answer.text)["reason"]
