"""A run's forecast as a row of the store, and where its loss ended."""

import numpy as np

from barograph.dashboard.analysis.forecasting import Forecast, Verdict
from barograph.dashboard.services.run_forecast import RunForecast, as_prediction, final_loss

STEPS = np.arange(1, 1001)


def test_the_end_of_a_training_loss_is_its_last_hundredth():
    losses = np.where(STEPS > 990, 2.0, 5.0)
    assert final_loss("loss", STEPS, losses) == 2.0
    assert final_loss("val_loss", STEPS[::100], np.r_[np.full(7, 9.0), 1.0, 2.0, 3.0]) == 2.0
    losses[-1] = np.nan
    assert final_loss("loss", STEPS, losses) == 2.0
    assert np.isnan(final_loss("loss", STEPS, np.full(1000, np.nan)))


def test_the_step_that_an_end_belongs_to_is_the_middle_of_its_points():
    found = RunForecast("r", "loss", STEPS, np.ones(1000), None, "", Forecast(1000, 1000, Verdict.NO_LR))
    assert found.reached == 1.0 and found.reached_at == round(np.arange(991, 1001).mean())
    empty = RunForecast("r", "loss", STEPS[:0], np.ones(0), None, "", Forecast(0, 0, Verdict.NO_LR))
    assert np.isnan(empty.reached) and empty.reached_at == 0


def test_a_refusal_becomes_a_row_without_numbers():
    refused = RunForecast("r", "loss", STEPS, np.ones(1000), None, "no plan", Forecast(500, 1000, Verdict.NO_LR))
    row = as_prediction(refused)
    assert (row.made_at, row.for_step, row.verdict) == (500, 1000, Verdict.NO_LR.value)
    assert np.isnan([row.mid, row.low50, row.high50, row.low90, row.high90]).all()
