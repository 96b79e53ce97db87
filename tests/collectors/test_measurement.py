"""The two moments of a step say what is seen at each."""

from __future__ import annotations

from barograph.collectors.measurement import Moment, NotMeasured


def test_moments_and_the_reason_why_there_is_nothing():
    assert [moment.value.partition(" ")[0] for moment in Moment] == ["before", "after"]
    assert str(NotMeasured("no rule")) == "no rule" and issubclass(NotMeasured, Exception)
