"""What the shipped curves of small language models say, of runs that they do not hold."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import shipped
from barograph.dashboard.analysis.forecasting.forecast import forecast
from barograph.dashboard.analysis.forecasting.prior import Setup
from barograph.dashboard.analysis.forecasting.schedule import Schedule
from barograph.dashboard.analysis.forecasting.shapes import Course, looks_like
from barograph.dashboard.analysis.forecasting.small_models import small_models


@pytest.mark.parametrize("kind", ["validation", "train"])
def test_runs_of_setups_that_are_left_out_are_held_and_hit(kind, monkeypatch):
    errors, still, held = [], [], []
    for one in small_models(kind)[::3]:
        rest = tuple(other for other in small_models(kind) if other.setup.name != one.setup.name)
        monkeypatch.setitem(forecast.__globals__, "small_models", lambda _, rest=rest: rest)
        end, truth = int(one.steps[-2]), one.losses[-3:].mean()
        made = forecast(one.steps, one.losses, one.schedule, setup=one.setup, at=end // 2, for_step=end)
        if made.mid is not None and "of small language models" in made.evidence:
            errors.append(abs(made.mid / truth - 1))
            still.append(abs(one.losses[one.steps <= end // 2][-3:].mean() / truth - 1))
            held.append(made.low90 <= truth <= made.high90)
    assert len(errors) >= 8 and np.mean(held) >= 0.85
    assert np.median(errors) < 0.06 and np.median(errors) < np.median(still) / 3


@pytest.mark.parametrize("fall", [0.02, 8.0], ids=["nearly still", "towards zero"])
def test_a_run_of_another_kind_is_none_of_them(fall):
    total = 2_000
    steps = np.arange(50, total + 1, 50)
    schedule = Schedule([0, 100, total], [0, 3e-3, 0], 100)
    losses = 2.3 * np.exp(-fall * steps / total)
    run = Course.of(steps[:20], losses[:20], schedule, Setup("toy", "toy", 3e-3, 1e4))
    assert not looks_like(run, small_models("validation"), 1_000, total)
    made = forecast(steps[:20], losses[:20], schedule, setup=run.setup, library=shipped())
    assert "small language models" not in made.evidence


def test_there_is_none_of_a_kind_that_was_not_recorded():
    assert small_models("reward") == () and len({one.setup.name for one in small_models("train")}) >= 20
