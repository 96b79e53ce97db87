"""What is borrowed, from whom, and how far."""

import numpy as np

from barograph.dashboard.analysis.forecasting import Setup, known_laws, shipped
from barograph.dashboard.analysis.forecasting.prior import KnownSetup, prior
from tests.dashboard.analysis.forecasting.synthetic import SETUP, TRUE

RIVER = known_laws()["river"]


def known(setup, shift=0.0, sd=0.02):
    return KnownSetup(TRUE + shift, np.eye(len(TRUE)) * sd**2, setup)


def place(found, name="D"):
    i = RIVER.parameters.index(name)
    return found.mean[i], np.sqrt(found.covariance[i, i])


def test_with_nothing_known_it_is_the_typical_range():
    mean, sd = place(prior(RIVER, SETUP, [], 3.0))
    assert mean == np.log(RIVER.typical["D"][0]) and sd > RIVER.typical["D"][1]


def test_same_setup_beats_project_beats_population():
    others = [Setup("small", "mine"), Setup("big", "mine", 5e-4, 1e9), Setup("far", "theirs", 5e-4, 1e9)]
    sds = [place(prior(RIVER, Setup("small", "mine"), [known(other)], 3.0))[1] for other in others]
    assert sds[0] < sds[1] < sds[2] < place(prior(RIVER, Setup("small", "mine"), [], 3.0))[1]


def test_the_nearer_setup_pulls_harder():
    same, other = known(Setup("small", "mine"), 0.5), known(Setup("far", "theirs"), -0.5)
    mean, _ = place(prior(RIVER, Setup("small", "mine"), [same, other], 3.0))
    assert mean > TRUE[3] + 0.3


def test_a_trend_over_peak_lr_is_followed():
    rows = [known(Setup(f"{lr}", "mine", lr), slope) for lr, slope in ((2.5e-4, -0.35), (5e-4, 0.0), (1e-3, 0.35))]
    mean, _ = place(prior(RIVER, Setup("new", "mine", 2e-3), rows, 3.0))
    assert mean > TRUE[3] + 0.45


def test_far_from_all_known_setups_it_is_wider():
    library = list(shipped().known["river"])
    near = prior(RIVER, Setup("n", "p", 5e-4, 1e8), library, 3.0)
    far = prior(RIVER, Setup("n", "p", 1e-2, 1e5), library, 3.0)
    assert place(far)[1] > 1.5 * place(near)[1]
