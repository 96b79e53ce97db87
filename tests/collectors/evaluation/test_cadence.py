"""Steps at which something is evaluated."""

from __future__ import annotations

import pytest

from barograph.collectors import every, log_spaced


def test_every_so_many_and_ever_more_rarely():
    assert [step for step in range(7) if every(3)(step)] == [0, 3, 6]
    due = [step for step in range(2000) if log_spaced(dense=10, per_decade=5)(step)]
    assert due[:11] == list(range(11)) and sum(100 < step <= 1000 for step in due) == 5


@pytest.mark.parametrize("call", [lambda: every(0), lambda: log_spaced(0), lambda: log_spaced(10, 0)])
def test_numbers_that_cannot_be_meant(call):
    with pytest.raises(ValueError, match="at least 1"):
        call()
