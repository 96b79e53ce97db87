"""A curve as a row of the table: shorter, its level kept."""

import json

import numpy as np

from barograph.dashboard.analysis.forecasting.curve_folders import Curve
from barograph.dashboard.analysis.forecasting.make_small_models import KEPT, row_of
from barograph.dashboard.analysis.forecasting.prior import Setup
from barograph.dashboard.analysis.forecasting.schedule import Schedule


def test_a_row_is_short_and_keeps_the_level_and_the_learning_rate():
    steps = np.arange(1, 2_551)
    losses = 2 + np.exp(-steps / 500) + 0.1 * np.random.default_rng(0).standard_normal(len(steps))
    schedule = Schedule(steps, 1e-3 * (1 - steps / 2_600), 0)
    row = row_of(Curve(steps, losses, schedule, Setup("a", "small", 1e-3, 1e5, loss_kind="train"), {}))
    assert KEPT <= len(row["losses"]) == len(row["steps"]) < 1.1 * KEPT and len(row["lr"][0]) == len(row["lr"][1])
    assert abs(np.mean(row["losses"]) - losses[-25 * len(row["losses"]) :].mean()) < 1e-3
    assert np.abs(np.interp(steps, *row["lr"]) - schedule.lr[: len(steps)]).max() < 2e-5
    assert json.loads(json.dumps(row)) == row and row["setup"]["loss_kind"] == "train"
