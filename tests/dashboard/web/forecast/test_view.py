"""Frames and sentences of a forecast."""

import numpy as np
import pandas as pd
import pytest

from barograph.dashboard.web.forecast.view import close_up

NOTHING = pd.DataFrame({"x": [], "val_x": [], "step": [], "val": [], "high90": [], "law": []})


def frames(steps, high):
    """The frames of a loss panel, with a curve as its training loss and as its validation loss."""
    loss = pd.DataFrame({"x": steps, "step": steps, "high": high})
    val = pd.DataFrame({"val_x": steps, "step": steps, "val": high})
    return {"loss": loss, "loss.val": val, "loss.fan": NOTHING}


RUN, FORECAST = "pages/02_Run.py", "pages/03_Forecast.py"
PAGE = FORECAST


def test_a_close_up_cuts_the_steep_beginning_and_never_a_later_spike():
    steps = np.arange(1000)
    high = 2 + 8 * np.exp(-steps / 20)
    high[600] = 6.0
    kept = close_up({**frames(steps, high), "lr": NOTHING}, 1000, 1000)
    assert kept["loss"]["high"].max() == 6.0 and 600 in set(kept["loss"]["step"]) and kept["loss"]["step"].min() > 10
    assert kept["loss.beyond"][["x", "value", "label"]].to_numpy().tolist() == [[0, 10.0, "10"], [0, 10.0, ""]]


@pytest.mark.parametrize("series", ["loss", "loss.val"])
def test_a_close_up_shows_a_spike_however_early(series):
    steps = np.arange(5000)
    noise = np.random.default_rng(0).normal(0, 0.02, 5000)
    falling = 3 + 8 * np.exp(-steps / 60) + noise
    spiked = falling.copy()
    spiked[300:303] = 9.0
    found = frames(steps, falling) | {"loss.val": frames(steps, falling)["loss.val"]}
    found[series] = frames(steps, spiked)[series]
    kept = close_up(found, 5000, 5000)
    column = "high" if series == "loss" else "val"
    assert kept[series][column].max() == 9.0 and {300, 301, 302} <= set(kept[series]["step"])
    assert kept["loss.beyond"]["value"].max() > 10.5 and set(kept["loss.beyond"]["step"]) <= {0, 1, 2, 3}


def test_a_validation_loss_that_is_higher_throughout_is_not_cut():
    steps = np.arange(1000)
    found = frames(steps, 2 + 8 * np.exp(-steps / 20))
    found["loss.val"] = pd.DataFrame({"val_x": [10, 40], "step": [10, 40], "val": [12.0, 11.0]})
    assert len(close_up(found, 1000, 1000)["loss.val"]) == 2
