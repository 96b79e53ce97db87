"""One loss as a shifted power law of another."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import known_laws
from tests.dashboard.analysis.scaling.tables import TRUE

LAW = known_laws()["loss_to_loss"]


def loss(source, **other):
    return LAW({"source_loss": source}, **TRUE["loss_to_loss"] | other)


def test_it_is_its_formula():
    assert loss(2.7)[0] == pytest.approx(1.1 * (2.7 - 1.7) ** 1.15 + 1.5, rel=1e-12)


def test_it_is_a_line_where_the_exponent_is_one():
    source = np.array([2.0, 3.0, 4.0])
    assert loss(source, kappa=1.0) == pytest.approx(1.1 * (source - 1.7) + 1.5)


def test_at_the_irreducible_source_loss_it_is_the_irreducible_loss():
    assert loss([1.0, 1.7]) == pytest.approx(1.5, abs=1e-6)
