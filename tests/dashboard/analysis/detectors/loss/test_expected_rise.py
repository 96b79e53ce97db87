"""Rises that are explained, told as notes."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.detector import Happening
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import replay


def losses(lift: float = 0.0, n: int = 3000) -> np.ndarray:
    found = 2 + 0.05 * np.random.default_rng(0).standard_normal(n)
    found[1500:1700] += lift
    return found


def told(values, happenings=(), lr=None) -> list:
    steps = np.arange(len(values))
    signals = {"loss": (steps, values)} | ({} if lr is None else {("lr", "0"): (steps, lr)})
    return replay("expected_rise", signals, happenings=happenings)


@pytest.mark.parametrize("kind", ["data", "restart"])
def test_the_cause_is_named(kind):
    (one,) = told(losses(0.5), [Happening(1498, kind)])
    assert one.severity is Severity.NOTE and one.first == 1498 and not one.open
    assert one.last == 1498 + 149  # as long as it is explained
    assert one.evidence["rise"] == pytest.approx(0.6, abs=0.1) and "expected, as the" in one.sentence


def test_a_rewarm_is_named():
    rate = np.concatenate([np.linspace(0, 1, 100), np.linspace(1, 0.1, 1390), np.linspace(0.1, 1, 100), np.ones(1410)])
    (one,) = told(losses(0.5), lr=rate)
    assert "the learning rate was raised again" in one.sentence and 1490 <= one.first < 1500


def test_no_rise_no_note():
    assert told(losses(0.0), [Happening(1498, "data")]) == []
    assert told(losses(-0.5), [Happening(1498, "data")]) == []


def test_a_rise_without_a_cause_is_not_its_business():
    assert told(losses(0.5)) == []
    assert told(losses(0.5), [Happening(1498, "checkpoint")]) == []


def test_it_is_open_while_it_is_explained():
    (one,) = told(losses(0.5)[:1600], [Happening(1498, "data")])
    assert one.open and "since step 1,498" in one.sentence
