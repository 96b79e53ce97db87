"""The Kaplan law."""

import numpy as np

from barograph.dashboard.analysis.scaling import known_laws
from barograph.dashboard.analysis.scaling.laws.kaplan import critical_batch
from tests.dashboard.analysis.scaling.tables import TRUE, columns


def test_kaplan_solves_its_own_equation_with_the_batch_of_each_loss():
    at, c = columns("kaplan", 200, 3), TRUE["kaplan"]
    loss = known_laws()["kaplan"](at, **c)
    fewest = at["steps"] / (1 + critical_batch(loss, c["B_star"], c["alpha_B"]) / at["batch"])
    right = (c["N_c"] / at["params"]) ** c["alpha_N"] + (c["S_c"] / fewest) ** c["alpha_S"]
    assert np.allclose(loss, right, rtol=1e-9)
