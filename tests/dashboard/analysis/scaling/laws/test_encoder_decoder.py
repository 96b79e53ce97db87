"""The two-factor law of encoder-decoder models."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import known_laws
from tests.dashboard.analysis.scaling.tables import TRUE

LAW = known_laws()["encoder_decoder"]


def loss(encoder, decoder):
    return LAW({"encoder_params": encoder, "decoder_params": decoder}, **TRUE["encoder_decoder"])


def test_it_is_its_formula():
    assert loss(1e8, 3e8)[0] == pytest.approx(1.2 + 300 / (1e8**0.18 * 3e8**0.24), rel=1e-12)


def test_of_a_fixed_sum_the_best_split_is_that_of_the_exponents():
    share = np.linspace(0.01, 0.99, 9801)
    assert share[np.argmin(loss(1e9 * share, 1e9 * (1 - share)))] == pytest.approx(0.18 / 0.42, abs=1e-3)


def test_endless_models_reach_the_irreducible_loss():
    assert loss(1e60, 1e60)[0] == pytest.approx(1.2)
