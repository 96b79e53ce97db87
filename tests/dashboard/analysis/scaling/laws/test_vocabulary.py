"""Vocabulary parameters have an exponent of their own."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import known_laws
from tests.dashboard.analysis.scaling.tables import TRUE

LAW = known_laws()["vocabulary"]


def loss(params, words, tokens):
    return LAW({"params": params, "vocab_params": words, "tokens": tokens}, **TRUE["vocabulary"])


def test_it_is_its_formula():
    by_hand = -5.5 + 20 / 1e9**0.3 + 60 / 3e7**0.4 + 130 / 2e10**0.3
    assert loss(1e9, 3e7, 2e10)[0] == pytest.approx(by_hand, rel=1e-12)


def test_everything_endless_leaves_minus_E_and_each_amount_pays():
    assert loss(1e80, 1e80, 1e80)[0] == pytest.approx(-5.5)
    base = loss(1e9, 3e7, 2e10)[0]
    assert max(loss(2e9, 3e7, 2e10)[0], loss(1e9, 6e7, 2e10)[0], loss(1e9, 3e7, 4e10)[0]) < base


def test_its_loss_may_be_negative_so_it_is_fitted_as_it_is():
    assert not LAW.relative and LAW.link(np.array([-2.0])).tolist() == LAW.unlink(np.array([-2.0])).tolist() == [-2.0]
