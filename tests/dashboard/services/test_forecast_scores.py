"""Forecasts held against what happened."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Forecast, Verdict
from barograph.dashboard.services.forecast_scores import score, scores
from barograph.dashboard.services.run_forecast import RunForecast
from barograph.db import Prediction, Run, Store


def test_the_error_in_percent_and_which_intervals_held():
    found = score(Prediction(50, 100, "loss", 2.2, 2.1, 2.3, 1.9, 2.5), 2.0)
    assert found.error_pct == pytest.approx(10) and not found.in50 and found.in90
    missed = score(Prediction(50, 100, "loss", 2.2, 2.1, 2.3, 2.05, 2.5), 2.0)
    assert not missed.in90


def test_only_forecasts_of_this_signal_that_have_come_due_are_scored(tmp_path):
    store, steps = Store(tmp_path / "runs.db"), np.arange(1, 101)
    store.append(Run("a", "a", state="finished"), {"loss": (steps, np.full(100, 2.0))})
    numbers = (2.1, 2.0, 2.2, 1.9, 2.3)
    for prediction in (
        Prediction(50, 100, "loss", *numbers),
        Prediction(60, 500, "loss", *numbers),
        Prediction(70, 100, "val_loss", *numbers),
        Prediction(80, 100, "loss", *[np.nan] * 5),
    ):
        store.predictions.save("a", prediction)
    ended = RunForecast("a", "loss", steps, np.full(100, 2.0), None, "", Forecast(100, 100, Verdict.NO_LR))
    (one,) = scores(store, ended)
    assert one.prediction.made_at == 50 and one.truth == 2.0
