"""The Chinchilla law."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import known_laws
from tests.dashboard.analysis.scaling.tables import CHINCHILLA


def test_chinchilla_is_its_formula():
    at = {"params": np.array([7e9]), "tokens": np.array([1.4e11])}
    by_hand = 1.8 + 480 / 7e9**0.35 + 2000 / 1.4e11**0.36
    assert known_laws()["chinchilla"](at, **CHINCHILLA)[0] == pytest.approx(by_hand, rel=1e-12)
