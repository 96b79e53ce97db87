"""Records of tasks for the tests of this folder, and how a result is compared with the definition."""

from __future__ import annotations

import math

import numpy as np
import pytest

from barograph.dashboard.analysis.measures._support.tasks import Evaluations

TWO = [("a", 0, 100), ("b", 100, 200)]


def record(rows, visits, **more):
    """The record of rows (step, task, accuracy, n, n_invalid)."""
    step, task, value, n, bad = zip(*rows, strict=True)
    return Evaluations.of(step, task, value, n=n, n_invalid=bad, visits=visits, **more)


def curve(value, visits=TWO, **more):
    """The record of one task, evaluated at every step from 0 on."""
    value = np.asarray(value, float)
    return Evaluations.of(np.arange(len(value)), ["a"] * len(value), value, visits=visits, **more)


def assert_same(found, expected):
    if math.isnan(expected):
        assert math.isnan(found)
    else:
        assert found == pytest.approx(expected, abs=1e-12, rel=1e-12)
