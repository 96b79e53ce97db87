"""Names for runs that were given none."""

from __future__ import annotations

import random

from barograph.collectors.recording import run_name


def test_readable_names():
    found = {run_name.readable_name() for _ in range(50)}
    assert len(found) > 40 and all(name.count("-") == 2 for name in found)


def test_a_name_draws_from_no_random_state_of_training():
    before = random.getstate()
    run_name.readable_name()
    assert random.getstate() == before
