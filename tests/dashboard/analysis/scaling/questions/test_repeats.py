"""How often data are worth repeating."""

from __future__ import annotations

import math

import pytest

from barograph.dashboard.analysis.scaling.question import parse_question
from barograph.dashboard.analysis.scaling.questions.repeats import KIND, Repeats
from barograph.errors import CannotForecast
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import fitted


def test_the_answer_is_the_closed_form():
    """A token on its r-th repeat is worth exp(-r / R_D) of a fresh one."""
    R_D, answer = fitted("data_constrained").values["R_D"], Repeats().apply(fitted("data_constrained"))
    half, tenth = (1 + R_D * math.log(least) for least in (2, 10))
    assert answer.startswith(f"up to {half:.1f} (") and f"up to {tenth:.1f} (" in answer


def test_only_a_law_that_knows_repetition_is_asked():
    assert KIND.fits(fitted("data_constrained")) and not KIND.fits(fitted())
    assert usual(KIND, fitted("data_constrained"), {}) == Repeats() == parse_question("repeats")
    with pytest.raises(CannotForecast, match="data-constrained law"):
        Repeats().apply(fitted())
