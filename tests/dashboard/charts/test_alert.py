"""The picture that goes with an alert."""

import pandas as pd
import pytest

from barograph.dashboard.charts.alert import alert


@pytest.mark.parametrize(("high", "scale"), [(3.0, "linear"), (500.0, "log")])
def test_the_axis_is_logarithmic_where_the_loss_ran_away(high, scale):
    loss = pd.DataFrame({"step": [1, 2], "low": [2.0, 2.0], "high": [2.5, high], "mean": [2.2, 2.3], "bad": [0.0, 0.0]})
    spec = alert(loss, 2, 2).to_dict()
    assert spec["layer"][1]["encoding"]["y"]["scale"]["type"] == scale
    assert list(spec["datasets"].values())[0] == [{"step": 2, "end": 2}]
