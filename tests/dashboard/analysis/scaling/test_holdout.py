"""The hold-out check."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import hold_out
from barograph.dashboard.analysis.scaling.holdout import split
from tests.dashboard.analysis.scaling.tables import table


def test_a_hold_out_check_predicts_the_largest_runs():
    rows = table(count=60)
    found = hold_out("chinchilla", rows, draws=60)
    assert len(found.table) == 12 and len(found.fitted.table) == 48
    assert found.table.compute.min() > found.fitted.table.compute.max()
    assert np.abs(found.errors).mean() < 0.015 and found.inside.mean() >= 0.75
    with pytest.raises(ValueError, match="no run to hold out above 1e\\+30"):
        hold_out("chinchilla", rows, 1e30)
    with pytest.raises(ValueError, match="needs the columns params and tokens"):
        hold_out("width", table("width"))


def test_the_largest_fifth_is_split_off_unless_a_limit_is_given():
    rows = table(count=60)
    assert (rows.compute > split(rows)).sum() == 12
    assert split(rows, 1e20) == 1e20
    with pytest.raises(ValueError, match="all runs lie above 1 FLOPs: none is left to fit"):
        split(rows, 1.0)


def test_an_error_is_predicted_over_measured():
    found = hold_out("chinchilla", table(count=60, noise=0.0), draws=20)
    assert found.errors == pytest.approx(found.band.mid / found.table.loss - 1) and np.abs(found.errors).max() < 1e-3
