"""A forecast as it is stored."""

from dataclasses import FrozenInstanceError

import pytest

from barograph.db import Prediction


def test_a_forecast_that_was_made_is_not_changed_any_more():
    one = Prediction(10, 100, "loss", 2.0, 1.9, 2.1, 1.8, 2.2)
    assert one == Prediction(10, 100, "loss", 2.0, 1.9, 2.1, 1.8, 2.2) and one.schedule == "plan"
    with pytest.raises(FrozenInstanceError):
        one.mid = 1.0
