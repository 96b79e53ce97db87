"""The loss of one run."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.questions.point import KIND, Point
from barograph.errors import CannotForecast
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, fitted

E, A, ALPHA, B, BETA = CHINCHILLA.values()


def test_the_answer_is_the_law_at_the_point():
    loss = E + A / 7e9**ALPHA + B / 1.4e11**BETA
    assert Point({"params": 7e9, "tokens": 1.4e11}).apply(fitted()).startswith(f"a single run ends at {loss:.4f} (")


def test_every_law_is_asked_at_the_point_itself():
    point = {"width": 4096.0}
    assert KIND.fits(fitted("width")) and usual(KIND, fitted("width"), point) == Point(point)
    assert usual(KIND, fitted("width"), point).point is not point


def test_a_column_that_is_missing_is_named():
    with pytest.raises(CannotForecast, match="needs tokens too; add tokens:value"):
        Point({"params": 7e9}).apply(fitted())
