"""Answers against closed forms of the known law, and their intervals."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import allocation, fit, known_laws
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, optimum, table

E, A, ALPHA, B, BETA = CHINCHILLA.values()


@pytest.fixture(scope="module")
def exact():
    return fit("chinchilla", table(count=60, noise=0.0), draws=10)


@pytest.fixture(scope="module")
def noisy():
    return fit("chinchilla", table(count=60, noise=0.004), draws=150)


@pytest.mark.parametrize("compute", [1e18, 1e21, 1e25])
def test_the_best_split_is_the_closed_form(exact, compute):
    found, (size, loss) = allocation.best_split(exact, compute), optimum(compute)
    assert found.params.mid == pytest.approx(size, rel=5e-3) and found.loss.mid == pytest.approx(loss, rel=1e-4)
    assert 6 * found.params.mid * found.tokens.mid == pytest.approx(compute)


def test_tokens_sizes_and_budgets_to_a_target_reach_it(exact):
    tokens = allocation.tokens_for(exact, 1e9, 2.5).mid
    assert E + A / 1e9**ALPHA + B / tokens**BETA == pytest.approx(2.5, rel=1e-4)
    size = allocation.size_for(exact, 1e11, 2.4).mid
    assert E + A / size**ALPHA + B / 1e11**BETA == pytest.approx(2.4, rel=1e-4)
    cheapest = allocation.cheapest(exact, 2.4)
    assert optimum(cheapest.compute.mid)[1] == pytest.approx(2.4, rel=1e-4)
    assert allocation.smallest_loss(exact, 1e9).mid == pytest.approx(E + A / 1e9**ALPHA, rel=1e-4)


def test_what_cannot_be_reached_is_infinite_not_a_number(noisy):
    below = 0.5 * E
    assert not allocation.tokens_for(noisy, 1e9, below).reachable
    assert not allocation.cheapest(noisy, below).compute.reachable
    edge = allocation.tokens_for(noisy, 1e8, float(allocation.smallest_loss(noisy, 1e8).mid) * 1.0005)
    assert edge.high == np.inf


def test_over_training_costs_nothing_at_the_best_split_and_more_away_from_it(exact):
    size, _ = optimum(1e21)
    costs = [allocation.cost_of_ratio(exact, size / f, 1e21 / 6 / size * f) for f in (1, 3, 10)]
    assert costs[0].loss.mid < 1e-4 and costs[0].compute.mid == pytest.approx(1, abs=0.01)
    assert costs[0].loss.mid < costs[1].loss.mid < costs[2].loss.mid
    loss = E + A / (size / 10) ** ALPHA + B / (1e21 / 6 / size * 10) ** BETA
    assert optimum(1e21 / costs[2].compute.mid)[1] == pytest.approx(loss, rel=1e-4)


def test_intervals_hold_the_truth(noisy):
    found, (size, loss) = allocation.best_split(noisy, 1e22), optimum(1e22)
    assert found.params.low < size < found.params.high and found.loss.low < loss < found.loss.high


def test_lines_of_equal_loss_lie_on_the_law(exact):
    sizes = np.geomspace(1e7, 1e11, 9)
    tokens = allocation.contours(exact, [2.2, 3.0], sizes)
    law = known_laws()["chinchilla"]
    for level, row in zip((2.2, 3.0), tokens, strict=True):
        known = np.isfinite(row)
        assert np.allclose(law({"params": sizes[known], "tokens": row[known]}, **exact.values), level, rtol=1e-6)
        assert np.array_equal(known, E + A / sizes**ALPHA < level)


def test_epochs_worth_repeating():
    made = fit("data_constrained", table("data_constrained", 90, noise=0.002), draws=60)
    half = allocation.epochs_worth(made)
    assert half.low < 1 + 15 * np.log(2) < half.high and half.mid == pytest.approx(1 + 15 * np.log(2), rel=0.15)
    limited = allocation.best_split(made, 1e22, unique=1e10)
    assert limited.loss.mid > allocation.best_split(made, 1e22).loss.mid
    with pytest.raises(ValueError, match="needs the data-constrained law"):
        allocation.epochs_worth(fit("chinchilla", table(), draws=5))


def test_a_law_that_does_not_know_tokens_says_so():
    made = fit("width", table("width"), draws=5)
    with pytest.raises(ValueError, match="does not say how size and tokens trade"):
        allocation.best_split(made, 1e20)
