"""Every scaling law of the folder: derivatives, the formula, recovery of known constants, starts that lead there."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import fit, known_laws
from tests.dashboard.analysis.scaling.tables import TRUE, columns, table

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
    made = fit(name, table(name, 80, noise=0.0), draws=2)
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
