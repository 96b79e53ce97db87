"""Values that are not numbers any more."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import replay


def found(signal: str, bad: dict, n: int = 300, cuts=()) -> list:
    values = np.ones(n)
    for step, value in bad.items():
        values[step] = value
    return replay("non_finite", {signal: (np.arange(n), values)}, cuts=cuts)


@pytest.mark.parametrize("value, word", [(np.nan, "not a number"), (np.inf, "infinite"), (-np.inf, "infinite")])
def test_a_loss_that_is_gone_is_acted_on_at_once(value, word):
    (one,) = found("loss", {299: value})
    assert one.severity is Severity.ACT and one.open and one.flagged == 299
    assert one.sentence == f"Loss {word} at step 299."


def test_a_loss_that_is_finite_again_is_only_watched():
    (one,) = found("loss", {100: np.nan, 104: np.nan})
    assert one.severity is Severity.WATCH and not one.open and (one.first, one.last) == (100, 104)
    assert "at 2 steps from 100 to 104; finite again since" in one.sentence


def test_a_lone_infinite_gradient_is_watched_and_many_are_acted_on():
    (one,) = found("grad_norm", {297: np.inf})
    assert one.severity is Severity.WATCH and one.part == "grad_norm"
    (one,) = found("grad_norm", {295: np.inf, 297: np.nan, 299: np.inf})
    assert one.severity is Severity.ACT


def test_what_was_said_at_the_time():
    early = found("loss", {100: np.nan}, n=110)[0]
    late = found("loss", {100: np.nan}, n=300, cuts=range(300))[0]
    assert early.key == late.key and early.severity is Severity.ACT and late.severity is Severity.WATCH


def test_finite_values_are_left_alone():
    assert found("loss", {100: 1e300, 101: -5.0, 102: 0.0}) == []


def test_iterations_that_the_trainer_counted_as_nan_count():
    counts = np.zeros(100)
    counts[40:50] = 3
    (one,) = replay("non_finite", {"nan_iterations": (10 * np.arange(100), counts)})
    assert (one.first, one.last, one.open) == (400, 490, False)
    assert "counted iterations whose loss was not a number" in one.sentence
