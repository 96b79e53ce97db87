"""Watched folders on the Import page."""

from __future__ import annotations

from barograph.db import Store
from tests.dashboard.web.seen import spoken

PAGE = "pages/08_Import.py"
HOSTILE = "<img src=x onerror=alert(1)>'; DROP TABLE runs; --"


def runs(tmp_path) -> dict[str, int | None]:
    if not (tmp_path / "runs.db").exists():
        return {}
    return {run.name: run.last_step for run in Store(tmp_path / "runs.db").runs()}


def test_without_anything_it_says_what_can_be_done(app, tmp_path):
    said = spoken(app())
    assert "TensorBoard" in said and "serve --watch DIR" in said and runs(tmp_path) == {}
