"""What a law of the loss is: parameters by its signature, a power law, and annealing on top of it."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import Law, anneal, known_laws, power
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

DECAYED = Schedule([0, 300, 9_000, 12_000], [0, 5e-4, 5e-4, 0])
VIEW = LRHistory.of(DECAYED, [1_000, 9_000, 10_500, 12_000])


def curve(view, L0, A, a):
    return power(view.tau, L0, A, a)


LAW = Law("made_up", "made-up law", curve, {"L0": (3.0, 1.0), "A": (0.3, 0.5), "a": (0.5, 0.5)}, rewarm=False)


def test_the_signature_names_the_parameters():
    assert LAW.parameters == ("L0", "A", "a")
    loss, slopes = LAW.at(VIEW, np.log([3.0, 0.3, 0.5]))
    assert loss == pytest.approx(3 + 0.3 * VIEW.tau**-0.5) and slopes.shape == (4, 3)


def test_a_power_law_and_its_slopes_by_hand():
    loss, slopes = power(np.array([1.0, np.e]), 3.0, 0.4, 0.5)
    term = 0.4 * np.exp(-0.5)
    assert loss == pytest.approx([3.4, 3 + term])
    assert [slope[1] for slope in slopes] == pytest.approx([3, term, -0.5 * term])


def test_annealing_that_is_paid_out_at_once_is_the_fall_of_the_rate():
    gain = np.ones_like(VIEW.age)
    annealed, _ = anneal(VIEW, 3.0, 0.3, 0.5, 0.2, gain, [])
    fallen = 1 - DECAYED.eta[np.array([1_000, 9_000, 10_500, 12_000]) - 1] / DECAYED.peak
    assert power(VIEW.tau, 3.0, 0.3, 0.5)[0] - annealed == pytest.approx(0.2 * fallen, abs=1e-12)


def test_the_rise_of_the_warm_up_counts_only_where_it_is_asked_for():
    gain = np.ones_like(VIEW.age)
    cold, warm = (anneal(VIEW, 3.0, 0.3, 0.5, 0.2, gain, [], warm=warm)[0] for warm in (False, True))
    assert warm - cold == pytest.approx(0.2)  # from nothing up to the peak


def test_a_rate_that_rises_again_is_supported_by_some_laws():
    again = LRHistory.of(Schedule([0, 300, 5_000, 5_500, 8_000], [0, 5e-4, 5e-5, 5e-4, 0], 300), [7_000])
    assert LAW.supports(VIEW) and not LAW.supports(again)
    assert Law("made_up", "made-up law", curve, LAW.typical).supports(again)


def test_the_laws_of_the_folder_are_known_by_their_names():
    assert all(law.name == name for name, law in known_laws().items())
