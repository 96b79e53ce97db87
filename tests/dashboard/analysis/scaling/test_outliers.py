"""Runs that do not belong to the law."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import ScalingTable, fit, known_laws
from barograph.dashboard.analysis.scaling.outliers import outliers, spread, threshold
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, table


@pytest.mark.parametrize("count", [30, 240])
def test_five_planted_outliers_are_found_and_move_nothing(count):
    rows = table(count=count, noise=0.006)
    clean = fit("chinchilla", rows, draws=20)
    assert not clean.out.any()
    random = np.random.default_rng(3)
    odd = random.choice(count, 5, replace=False)
    columns = {name: np.concatenate([values, values[odd]]) for name, values in rows.columns.items()}
    columns["loss"][count:] *= 1 + np.array([0.12, -0.15, 0.3, 0.2, -0.1])
    spoilt = fit("chinchilla", ScalingTable(columns), draws=20, robust=True)
    assert set(np.flatnonzero(spoilt.out)) == set(range(count, count + 5))
    for name, value in clean.values.items():
        assert spoilt.values[name] == pytest.approx(value, rel=0.02)


def test_outliers_at_the_edge_that_pull_the_fit_through_themselves_are_found():
    rows = table(count=60, noise=0.005)
    first = np.argsort(rows.columns["tokens"])[:4]
    columns = {name: values.copy() for name, values in rows.columns.items()}
    columns["loss"][first] *= 1.25
    made = fit("chinchilla", ScalingTable(columns), draws=10, robust=True)
    assert set(np.flatnonzero(made.out)) == set(first)
    assert made.values["beta"] == pytest.approx(CHINCHILLA["beta"], rel=0.1)


def test_outliers_are_reported_and_stay_in_the_fit_unless_told():
    rows = table(count=60, noise=0.005)
    columns = {name: values.copy() for name, values in rows.columns.items()}
    columns["loss"][:3] *= 1.3
    whole, robust = (fit("chinchilla", ScalingTable(columns), draws=10, robust=robust) for robust in (False, True))
    assert set(np.flatnonzero(whole.out)) == set(np.flatnonzero(robust.out)) == {0, 1, 2}
    assert (whole.weights == 1).all() and (robust.weights == ~robust.out).all()
    assert whole.values != robust.values


def test_the_spread_is_that_of_the_bulk():
    noise = 0.01 * np.random.default_rng(0).standard_normal(4000)
    far = np.append(noise, np.full(400, 5.0))
    assert spread(noise, 0) == pytest.approx(0.01, rel=0.05) and spread(far, 0) == pytest.approx(0.01, rel=0.2)
    assert spread(np.zeros(9), 2) == 1e-9


def test_the_threshold_lies_further_out_where_the_tails_are_heavy():
    random = np.random.default_rng(0)
    normal, heavy = random.standard_normal(4000), random.laplace(size=4000)
    assert threshold(normal, 0) == pytest.approx(6, rel=0.15)
    assert threshold(heavy, 0) / spread(heavy, 0) > 1.3 * threshold(normal, 0) / spread(normal, 0)


def test_few_runs_and_many_odd_ones_give_no_outliers():
    law = known_laws()["chinchilla"]
    rows = table(count=60, noise=0.005)
    x = np.log(list(CHINCHILLA.values()))

    def found(count, odd):
        at = {name: values[:count] for name, values in rows.columns.items()}
        return outliers(law, at, np.where(np.arange(count) < odd, 1.5, 1) * at["loss"], x, np.ones(5, bool), 1e-3)

    assert found(60, 2).tolist() == [True] * 2 + [False] * 58
    assert not found(17, 1).any()  # fewer than 3 runs a constant
    assert not found(60, 20).any()  # a third of the table is another setup
