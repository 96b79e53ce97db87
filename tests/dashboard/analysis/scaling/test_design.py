"""The next run to make."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import ScalingTable, fit
from barograph.dashboard.analysis.scaling.design import next_run
from barograph.errors import CannotForecast
from tests.dashboard.analysis.scaling.tables import table


@pytest.fixture(scope="module")
def noisy():
    return fit("chinchilla", table(count=60, noise=0.004), draws=150)


@pytest.mark.parametrize("target", [{"params": 1e11, "tokens": 2e12}, {"params": 1e10, "tokens": 1e10}])
def test_the_proposed_run_narrows_the_forecast_more_than_a_random_one(noisy, target):
    best = next_run(noisy, target, 1e20)
    assert 0 < best.left < 1 and best.compute <= 1e20

    def width(at: dict[str, float]) -> float:
        rows = noisy.table.columns
        more = {name: np.append(rows[name], [at[name]] * 4) for name in ("params", "tokens")}
        loss = noisy.law({name: np.array([at[name]] * 4) for name in at}, **noisy.values)
        more["loss"] = np.append(rows["loss"], loss * np.exp(0.004 * np.array([-1.0, 1, -0.4, 0.4])))
        band = fit("chinchilla", ScalingTable(more), draws=300).predict(target, noise=False)
        return float(band.high[0] - band.low[0])

    middle = {"params": 2e8, "tokens": 4e9}
    assert width({name: best.at[name] for name in ("params", "tokens")}) < width(middle)


def test_a_law_that_does_not_know_tokens_proposes_no_run():
    with pytest.raises(ValueError, match="no run can be proposed"):
        next_run(fit("width", table("width"), draws=5), {"width": 1e4}, 1e20)


def test_the_proposal_keeps_to_the_budget_and_to_sizes_that_were_seen(noisy):
    target = {"params": 1e11, "tokens": 2e12}
    small, large = (next_run(noisy, target, budget) for budget in (1e19, 1e21))
    assert small.compute <= 1e19 and small.compute == pytest.approx(6 * small.at["params"] * small.at["tokens"])
    assert large.left <= small.left  # more compute leaves no wider an interval
    assert small.at["params"] >= noisy.table.columns["params"].min()
    with pytest.raises(ValueError, match="no run of a size like those of the table fits into 1e\\+06 FLOPs"):
        next_run(noisy, target, 1e6)


def test_runs_without_noise_leave_nothing_to_narrow():
    exact = fit("chinchilla", table(count=60, noise=0.0), draws=20)
    with pytest.raises(CannotForecast, match="no interval that a run would narrow"):
        next_run(exact, {"params": 1e11, "tokens": 2e12}, 1e20)
