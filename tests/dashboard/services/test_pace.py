"""What a step of a run takes, from what it recorded."""

import math

import pytest

from barograph.dashboard.services.pace import Pace, pace
from barograph.db import Store
from tests.dashboard import made_up


def test_the_pace_of_a_run_is_what_it_recorded(tmp_path):
    run = made_up.finished(tmp_path / "runs.db", 300)
    store = Store(tmp_path / "runs.db")
    found = pace(store, store.run(run), price=2.0)
    assert found.tokens == pytest.approx(4096) and found.seconds == pytest.approx(0.11)
    assert found.flops == pytest.approx(4096 * 6 * 28e6)
    assert found.takes(100_000) == "100,000 steps · 410M tokens · 3 h 3 min · 6.88e+16 FLOPs · cost 6.11"


def test_what_is_not_known_is_left_out():
    unknown = Pace(math.nan, math.nan, math.nan)
    assert unknown.takes(10) == "10 steps" and unknown.takes(math.inf) == "not reached"
    assert unknown.row(10, 5)["FLOPs"] == "–"
