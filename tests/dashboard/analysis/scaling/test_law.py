"""What a scaling law is: parameters by its signature, links, and starts by variable projection."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling.law import ScalingLaw, known_laws, projected


def curve(at, E, A, alpha):
    term = A * at["n"] ** -alpha
    return E + term, [E, term, -alpha * np.log(at["n"]) * term]


N = np.geomspace(1e2, 1e6, 12)
STARTS = projected(curve, {"alpha": (0.2, 0.5)}, ("E", "A"))
LAW = ScalingLaw("made_up", "Made-up law", "E + A/n^α", ("n",), curve, STARTS)


def test_the_signature_names_the_parameters():
    assert LAW.parameters == ("E", "A", "alpha")
    assert LAW({"n": 100}, E=2.0, A=5.0, alpha=0.5).tolist() == [2.5]


def test_a_relative_law_is_linked_by_the_logarithm():
    x = np.log([[2.0, 5.0, 0.5], [1.0, 5.0, 0.5]])
    value, slopes = LAW.at({"n": N}, x)
    assert value.shape == (2, 12) and slopes.shape == (2, 12, 3)
    assert np.exp(value[0]) == pytest.approx(2 + 5 / np.sqrt(N))
    assert slopes[0, :, 0] == pytest.approx(2 / (2 + 5 / np.sqrt(N)))  # d log L / d log E
    assert LAW.unlink(LAW.link(np.array([1.5, 3.0]))) == pytest.approx([1.5, 3.0])


def test_a_law_that_is_not_relative_is_linked_as_it_is():
    law = ScalingLaw("made_up", "Made-up law", "", ("n",), curve, STARTS, relative=False)
    assert law.at({"n": N}, np.log([[2.0, 5.0, 0.5]]))[0][0] == pytest.approx(2 + 5 / np.sqrt(N))
    assert law.link(np.array([-1.0])).tolist() == law.unlink(np.array([-1.0])).tolist() == [-1.0]


def test_starts_hold_the_best_linear_parameters_of_every_point_of_the_grid():
    found = np.exp(STARTS({"n": N}, 2 + 5 / np.sqrt(N)))
    assert found[:, 2] == pytest.approx([0.2, 0.5])
    assert found[1, :2] == pytest.approx([2, 5])  # the point of the grid at which the truth lies


def test_a_linear_parameter_that_would_be_negative_starts_just_above_zero():
    found = np.exp(STARTS({"n": N}, 5 / np.sqrt(N)))
    assert 0 < found[1, 0] < 0.01 and found[1, 1] == pytest.approx(5, rel=1e-6)


def test_the_laws_of_the_folder_are_known_by_their_names():
    assert all(law.name == name for name, law in known_laws().items())
    assert {"chinchilla", "kaplan", "width"} <= set(known_laws())
