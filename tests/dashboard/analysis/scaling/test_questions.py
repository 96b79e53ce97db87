"""Answers against closed forms of the known law, and their intervals."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import batch_size, fit, known_laws, parameter_shares, questions
from barograph.dashboard.analysis.scaling.design import next_run
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, TRUE, table

E, A, ALPHA, B, BETA = CHINCHILLA.values()


@pytest.fixture(scope="module")
def exact():
    return fit("chinchilla", table(count=60, noise=0.0), draws=10, keep_outliers=True)


@pytest.fixture(scope="module")
def noisy():
    return fit("chinchilla", table(count=60, noise=0.004), draws=150)


def optimum(compute: float) -> tuple[float, float]:
    """N and the loss at the optimum, in closed form (Hoffmann et al., equation 4)."""
    G = (ALPHA * A / (BETA * B)) ** (1 / (ALPHA + BETA))
    size = G * (compute / 6) ** (BETA / (ALPHA + BETA))
    return size, E + A / size**ALPHA + B / (compute / 6 / size) ** BETA


@pytest.mark.parametrize("compute", [1e18, 1e21, 1e25])
def test_the_best_split_is_the_closed_form(exact, compute):
    found, (size, loss) = questions.best_split(exact, compute), optimum(compute)
    assert found.params.mid == pytest.approx(size, rel=5e-3) and found.loss.mid == pytest.approx(loss, rel=1e-4)
    assert 6 * found.params.mid * found.tokens.mid == pytest.approx(compute)


def test_tokens_sizes_and_budgets_to_a_target_reach_it(exact):
    tokens = questions.tokens_for(exact, 1e9, 2.5).mid
    assert E + A / 1e9**ALPHA + B / tokens**BETA == pytest.approx(2.5, rel=1e-4)
    size = questions.size_for(exact, 1e11, 2.4).mid
    assert E + A / size**ALPHA + B / 1e11**BETA == pytest.approx(2.4, rel=1e-4)
    cheapest = questions.cheapest(exact, 2.4)
    assert optimum(cheapest.compute.mid)[1] == pytest.approx(2.4, rel=1e-4)
    assert questions.smallest_loss(exact, 1e9).mid == pytest.approx(E + A / 1e9**ALPHA, rel=1e-4)


def test_what_cannot_be_reached_is_infinite_not_a_number(noisy):
    below = 0.5 * E
    assert not questions.tokens_for(noisy, 1e9, below).reachable
    assert not questions.cheapest(noisy, below).compute.reachable
    edge = questions.tokens_for(noisy, 1e8, float(questions.smallest_loss(noisy, 1e8).mid) * 1.0005)
    assert edge.high == np.inf


def test_over_training_costs_nothing_at_the_best_split_and_more_away_from_it(exact):
    size, _ = optimum(1e21)
    costs = [questions.cost_of_ratio(exact, size / f, 1e21 / 6 / size * f) for f in (1, 3, 10)]
    assert costs[0].loss.mid < 1e-4 and costs[0].compute.mid == pytest.approx(1, abs=0.01)
    assert costs[0].loss.mid < costs[1].loss.mid < costs[2].loss.mid
    loss = E + A / (size / 10) ** ALPHA + B / (1e21 / 6 / size * 10) ** BETA
    assert optimum(1e21 / costs[2].compute.mid)[1] == pytest.approx(loss, rel=1e-4)


def test_intervals_hold_the_truth(noisy):
    found, (size, loss) = questions.best_split(noisy, 1e22), optimum(1e22)
    assert found.params.low < size < found.params.high and found.loss.low < loss < found.loss.high


def test_lines_of_equal_loss_lie_on_the_law(exact):
    sizes = np.geomspace(1e7, 1e11, 9)
    tokens = questions.contours(exact, [2.2, 3.0], sizes)
    law = known_laws()["chinchilla"]
    for level, row in zip((2.2, 3.0), tokens, strict=True):
        known = np.isfinite(row)
        assert np.allclose(law({"params": sizes[known], "tokens": row[known]}, **exact.values), level, rtol=1e-6)
        assert np.array_equal(known, E + A / sizes**ALPHA < level)


def test_epochs_worth_repeating():
    made = fit("data_constrained", table("data_constrained", 90, noise=0.002), draws=60)
    half = questions.epochs_worth(made)
    assert half.low < 1 + 15 * np.log(2) < half.high and half.mid == pytest.approx(1 + 15 * np.log(2), rel=0.15)
    limited = questions.best_split(made, 1e22, unique=1e10)
    assert limited.loss.mid > questions.best_split(made, 1e22).loss.mid
    with pytest.raises(ValueError, match="needs the data-constrained law"):
        questions.epochs_worth(fit("chinchilla", table(), draws=5))


def test_batch_sizes():
    c = TRUE["kaplan"]
    made = fit("kaplan", table("kaplan", 120, noise=0.0), draws=10, keep_outliers=True)
    critical = c["B_star"] / 3.0 ** (1 / c["alpha_B"])
    assert batch_size.critical_batch_at(made, 3.0).mid == pytest.approx(critical, rel=0.01)
    at_critical, huge = (batch_size.steps_to(made, 1e9, 3.0, size) for size in (critical, 1e6 * critical))
    assert at_critical.steps.mid == pytest.approx(2 * huge.steps.mid, rel=0.01)  # twice the fewest steps
    small = batch_size.steps_to(made, 1e9, 3.0, 1e-6 * critical)
    assert at_critical.tokens.mid == pytest.approx(2 * small.tokens.mid, rel=0.01)  # and twice the fewest tokens
    floor = batch_size.smallest_loss_of(made, 1e9).mid
    assert floor == pytest.approx((c["N_c"] / 1e9) ** c["alpha_N"], rel=1e-3)
    assert not batch_size.steps_to(made, 1e9, 0.9 * floor, 1e6).steps.reachable
    with pytest.raises(ValueError, match="needs|need the Kaplan law"):
        batch_size.critical_batch_at(fit("chinchilla", table(), draws=5), 3.0)


@pytest.mark.parametrize("target", [{"params": 1e11, "tokens": 2e12}, {"params": 1e10, "tokens": 1e10}])
def test_the_proposed_run_narrows_the_forecast_more_than_a_random_one(noisy, target):
    from barograph.dashboard.analysis.scaling import ScalingTable

    best = next_run(noisy, target, 1e20)
    assert 0 < best.left < 1 and best.compute <= 1e20

    def width(at: dict[str, float]) -> float:
        rows = noisy.table.columns
        more = {name: np.append(rows[name], [at[name]] * 4) for name in ("params", "tokens")}
        loss = noisy.law({name: np.array([at[name]] * 4) for name in at}, **noisy.values)
        more["loss"] = np.append(rows["loss"], loss * np.exp(0.004 * np.array([-1.0, 1, -0.4, 0.4])))
        band = fit("chinchilla", ScalingTable(more), draws=300, keep_outliers=True).predict(target, noise=False)
        return float(band.high[0] - band.low[0])

    middle = {"params": 2e8, "tokens": 4e9}
    assert width({name: best.at[name] for name in ("params", "tokens")}) < width(middle)


def test_a_law_that_does_not_know_tokens_says_so():
    made = fit("width", table("width"), draws=5)
    with pytest.raises(ValueError, match="does not say how size and tokens trade"):
        questions.best_split(made, 1e20)
    with pytest.raises(ValueError, match="no run can be proposed"):
        next_run(made, {"width": 1e4}, 1e20)


def test_parameters_are_shared_out():
    made = fit("encoder_decoder", table("encoder_decoder", 60, noise=0.002), draws=60)
    share = parameter_shares.encoder_share(made)
    assert share.low < 0.18 / 0.42 < share.high and share.mid == pytest.approx(0.18 / 0.42, rel=0.03)
    words = fit("vocabulary", table("vocabulary", 80, noise=0.0), draws=5, keep_outliers=True)
    found, c = parameter_shares.best_vocabulary(words, 1e9, 1e21).mid, TRUE["vocabulary"]

    def loss(v):
        at = {"params": [1e9], "vocab_params": [v], "tokens": [1e21 / 6 / (1e9 + v)]}
        return known_laws()["vocabulary"](at, **c)[0]

    assert loss(found) < min(loss(0.8 * found), loss(1.25 * found))
    assert parameter_shares.best_vocabulary(words, 1e10, 1e23).mid > found  # a larger model wants a larger vocabulary
    with pytest.raises(ValueError, match="encoder-decoder law"):
        parameter_shares.encoder_share(words)
    with pytest.raises(ValueError, match="vocabulary law"):
        parameter_shares.best_vocabulary(made, 1e9, 1e21)
