"""The over-training law."""

import numpy as np

from barograph.dashboard.analysis.scaling import known_laws
from tests.dashboard.analysis.scaling.tables import TRUE, columns


def test_the_over_training_law_is_chinchilla_with_one_exponent():
    at = columns("overtraining", 20, 0)
    found = known_laws()["overtraining"](at, **TRUE["overtraining"])
    a, b = 200 * 6**-0.14, 330 * 6**-0.14
    same = known_laws()["chinchilla"](at, E=1.8, A=a, alpha=0.28, B=b, beta=0.28)
    assert np.allclose(found, same, rtol=1e-12)
