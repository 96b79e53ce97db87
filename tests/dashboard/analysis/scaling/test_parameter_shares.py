"""The best shares of parameters, against the known law."""

import pytest

from barograph.dashboard.analysis.scaling import fit, known_laws, parameter_shares
from tests.dashboard.analysis.scaling.tables import TRUE, table


def test_parameters_are_shared_out():
    made = fit("encoder_decoder", table("encoder_decoder", 60, noise=0.002), draws=60)
    share = parameter_shares.encoder_share(made)
    assert share.low < 0.18 / 0.42 < share.high and share.mid == pytest.approx(0.18 / 0.42, rel=0.03)
    words = fit("vocabulary", table("vocabulary", 80, noise=0.0), draws=5)
    found, c = parameter_shares.best_vocabulary(words, 1e9, 1e21).mid, TRUE["vocabulary"]

    def loss(v):
        at = {"params": [1e9], "vocab_params": [v], "tokens": [1e21 / 6 / (1e9 + v)]}
        return known_laws()["vocabulary"](at, **c)[0]

    assert loss(found) < min(loss(0.8 * found), loss(1.25 * found))
    assert parameter_shares.best_vocabulary(words, 1e10, 1e23).mid > found  # a larger model wants a larger vocabulary
    with pytest.raises(ValueError, match="encoder-decoder law"):
        parameter_shares.encoder_share(words)
    with pytest.raises(ValueError, match="vocabulary law"):
        parameter_shares.best_vocabulary(made, 1e9, 1e21)
