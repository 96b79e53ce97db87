"""Repeated tokens and parameters in excess of them."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import known_laws
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, TRUE


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
