"""Questions by their addresses."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.question import known_questions, parse_question
from barograph.errors import CannotForecast


def test_the_kinds_are_found_in_the_order_of_their_answers():
    kinds = list(known_questions().values())
    assert kinds[0].name == "point" and [kind.order for kind in kinds] == sorted(kind.order for kind in kinds)


@pytest.mark.parametrize(
    "text", ["nonsense,1", "split", "split,many", "split,-1", "split,inf", "target,2.5", "point", "point,params", ""]
)
def test_an_address_that_cannot_be_understood_is_refused(text):
    with pytest.raises(CannotForecast, match="unknown question|cannot be understood"):
        parse_question(text)
