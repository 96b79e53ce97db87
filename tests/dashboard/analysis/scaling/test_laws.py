"""Every scaling law of the folder: derivatives, the formula, recovery of known constants, starts that lead there."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import fit, known_laws
from barograph.dashboard.analysis.scaling.laws.kaplan import critical_batch
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, TRUE, columns, table

NAMES = sorted(known_laws())


def test_every_file_with_a_law_is_found_and_has_a_truth_to_be_tested_with():
    assert set(NAMES) == set(TRUE)


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_are_those_of_the_curve(name):
    law, at = known_laws()[name], columns(name, 9, 1)
    x = np.log(list(TRUE[name].values())) + 0.05 * np.random.default_rng(0).standard_normal((4, len(TRUE[name])))
    slopes = law.at(at, x)[1]
    for i in range(x.shape[1]):
        step = 1e-6 * (np.arange(x.shape[1]) == i)
        numeric = (law.at(at, x + step)[0] - law.at(at, x - step)[0]) / 2e-6
        assert np.allclose(numeric, slopes[..., i], rtol=1e-4, atol=1e-6 * np.abs(slopes).max())


@pytest.mark.parametrize("name", NAMES)
def test_exact_losses_give_the_constants_back(name):
    made = fit(name, table(name, 80, noise=0.0), draws=2, keep_outliers=True)
    grid = columns(name, 40, 5)
    truth = known_laws()[name](grid, **TRUE[name])
    assert np.allclose(made.predict(grid).mid, truth, rtol=2e-4)
    for constant, value in made.values.items():
        assert value == pytest.approx(TRUE[name][constant], rel=0.03), constant


@pytest.mark.parametrize("name", NAMES)
def test_with_noise_every_interval_is_finite_and_its_constant_inside(name):
    made = fit(name, table(name, 80, noise=0.002), draws=60)
    for constant, found in made.intervals().items():
        assert 0 < found.low < made.values[constant] < found.high < np.inf
        wide = found.high / found.low
        assert found.low / wide < TRUE[name][constant] < found.high * wide


def test_chinchilla_is_its_formula():
    at = {"params": np.array([7e9]), "tokens": np.array([1.4e11])}
    by_hand = 1.8 + 480 / 7e9**0.35 + 2000 / 1.4e11**0.36
    assert known_laws()["chinchilla"](at, **CHINCHILLA)[0] == pytest.approx(by_hand, rel=1e-12)


def test_the_over_training_law_is_chinchilla_with_one_exponent():
    at = columns("overtraining", 20, 0)
    found = known_laws()["overtraining"](at, **TRUE["overtraining"])
    a, b = 200 * 6**-0.14, 330 * 6**-0.14
    same = known_laws()["chinchilla"](at, E=1.8, A=a, alpha=0.28, B=b, beta=0.28)
    assert np.allclose(found, same, rtol=1e-12)


def test_repeated_data_by_hand_and_without_repetition_as_one_pass():
    law, one = known_laws()["data_constrained"], known_laws()["chinchilla"]
    at = {"params": np.array([1e8]), "tokens": np.array([4e10]), "unique_tokens": np.array([1e10])}
    worth = 1e10 + 1e10 * 15 * (1 - np.exp(-3 / 15))
    by_hand = 1.8 + 480 / 1e8**0.35 + 2000 / worth**0.36
    assert law(at, **TRUE["data_constrained"])[0] == pytest.approx(by_hand, rel=1e-12)
    at["unique_tokens"] = at["tokens"]
    assert law(at, **TRUE["data_constrained"])[0] == pytest.approx(one(at, **CHINCHILLA)[0], rel=1e-12)


def test_parameters_beyond_what_the_data_can_feed_are_worth_less():
    law = known_laws()["data_constrained"]
    at = {"params": np.array([1e8, 1e9, 1e10, 1e11]), "tokens": np.full(4, 1e9), "unique_tokens": np.full(4, 1e9)}
    loss, once = law(at, **TRUE["data_constrained"]), known_laws()["chinchilla"](at, **CHINCHILLA)
    assert (loss >= once - 1e-12).all() and loss[-1] > once[-1] + 1e-3


def test_kaplan_solves_its_own_equation_with_the_batch_of_each_loss():
    at, c = columns("kaplan", 200, 3), TRUE["kaplan"]
    loss = known_laws()["kaplan"](at, **c)
    fewest = at["steps"] / (1 + critical_batch(loss, c["B_star"], c["alpha_B"]) / at["batch"])
    right = (c["N_c"] / at["params"]) ** c["alpha_N"] + (c["S_c"] / fewest) ** c["alpha_S"]
    assert np.allclose(loss, right, rtol=1e-9)


def test_bad_constants_and_laws_are_named():
    with pytest.raises(ValueError, match="no constant gamma; it has E, A, alpha"):
        fit("chinchilla", table(), held={"gamma": 1.0})
    with pytest.raises(ValueError, match="above 0"):
        fit("chinchilla", table(), held={"E": -1.0})
