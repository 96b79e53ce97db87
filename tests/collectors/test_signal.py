"""A signal's moment is fixed, or depends on the optimizer."""

from __future__ import annotations

import torch

from barograph.collectors.measurement import Moment
from barograph.collectors.signal import Signal


def test_the_moment_for_an_optimizer():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    fixed = Signal("a", lambda context: 1.0, "A", "A", moment=Moment.BEFORE)
    asked = Signal(
        "b", lambda context: 1.0, "B", "B", moment=lambda one: Moment.AFTER if one is optimizer else Moment.BEFORE
    )
    assert (fixed.moment_for(optimizer), asked.moment_for(optimizer)) == (Moment.BEFORE, Moment.AFTER)
