"""Many robust fits side by side."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import known_laws
from barograph.dashboard.analysis.scaling.descent import DELTA, descend, huber
from tests.dashboard.analysis.scaling.tables import table

LAW = known_laws()["chinchilla"]


def test_every_start_leads_to_the_same_optimum():
    rows = table(count=80, noise=0.01)
    x, cost = descend(LAW, rows.columns, rows.loss, LAW.starts(rows.columns, rows.loss))
    assert (cost < cost.min() * (1 + 1e-6)).mean() > 0.8
    assert np.ptp(x[cost < cost.min() * (1 + 1e-9)], axis=0).max() < 1e-3


def test_huber_is_a_square_near_zero_and_a_line_beyond():
    assert huber(np.array([0.5, -0.5]), 1.0).tolist() == [0.125, 0.125]
    assert huber(np.array([3.0, -4.0]), 1.0).tolist() == [2.5, 3.5]
    assert huber(np.array([1.0 - 1e-9, 1.0 + 1e-9]), 1.0) == pytest.approx(0.5)


def test_descents_side_by_side_are_those_of_one_alone():
    rows = table(count=40, noise=0.01)
    starts = LAW.starts(rows.columns, rows.loss)[:3]
    weights = np.random.default_rng(0).exponential(size=(3, 40))
    x, cost = descend(LAW, rows.columns, rows.loss, starts, weights)
    for i in range(3):
        alone, its_cost = descend(LAW, rows.columns, rows.loss, starts[i : i + 1], weights[i : i + 1])
        assert alone[0] == pytest.approx(x[i]) and its_cost[0] == pytest.approx(cost[i])
        residual = LAW.at(rows.columns, x[i : i + 1])[0][0] - np.log(rows.loss)
        assert cost[i] == pytest.approx(weights[i] @ huber(residual, DELTA))


def test_what_is_not_free_does_not_move_and_what_is_does():
    rows = table(count=40, noise=0.01)
    start = LAW.starts(rows.columns, rows.loss)[:1]
    x, cost = descend(LAW, rows.columns, rows.loss, start, free=np.array([True, True, False, True, True]))
    assert x[0, 2] == start[0, 2] and (x[0] != start[0]).sum() == 4
    assert cost[0] >= descend(LAW, rows.columns, rows.loss, start)[1][0]
