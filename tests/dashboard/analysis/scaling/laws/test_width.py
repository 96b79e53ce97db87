"""Loss against the model dimension."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import known_laws
from tests.dashboard.analysis.scaling.tables import TRUE

LAW = known_laws()["width"]


def test_it_is_its_formula():
    assert LAW({"width": 512}, **TRUE["width"])[0] == pytest.approx(1.9 + 120 / 512**0.95, rel=1e-12)


def test_with_exponent_one_twice_the_width_leaves_half_of_the_excess():
    loss = LAW({"width": np.array([256.0, 512, 1024])}, E=1.9, A=120.0, alpha=1.0)
    assert np.diff(np.log(loss - 1.9)) == pytest.approx([-np.log(2)] * 2)
