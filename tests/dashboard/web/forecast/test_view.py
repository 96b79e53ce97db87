"""Frames and sentences of a forecast."""

import numpy as np
import pandas as pd

from barograph.dashboard.web.forecast.view import close_up

RUN, FORECAST = "pages/02_Run.py", "pages/03_Forecast.py"
PAGE = FORECAST


def test_a_close_up_cuts_the_steep_beginning_and_never_a_later_spike():
    steps = np.arange(1000)
    high = 2 + 8 * np.exp(-steps / 20)
    high[600] = 6.0
    empty = pd.DataFrame({"step": [], "val": [], "high90": [], "law": []})
    found = {"loss": pd.DataFrame({"step": steps, "high": high}), "loss.val": empty, "loss.fan": empty}
    kept = close_up({**found, "lr": empty}, 1000, 1000)["loss"]
    assert kept["high"].max() == 6.0 and 600 in set(kept["step"]) and kept["step"].min() > 10
