"""What the runs of a table carry, and the run that would settle what they do not."""

from __future__ import annotations

import re

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import ScalingTable, fit, known_laws
from barograph.dashboard.analysis.scaling.allocation import best_split
from barograph.dashboard.analysis.scaling.estimate import Estimate, checked, settled_by, told
from barograph.dashboard.analysis.scaling.question import parse_question
from barograph.errors import CannotForecast
from barograph.interval import Interval
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, fitted, optimum

SHOW = "{:g}".format


@pytest.fixture(scope="module")
def few():
    """Eight runs of much noise within a factor of three in size: too few for a split far beyond them."""
    params = np.repeat([1e8, 2e8, 3e8], 3)[:8]
    at = {"params": params, "tokens": params * np.array([5, 20, 80, 5, 20, 80, 5, 20])}
    loss = known_laws()["chinchilla"](at, **CHINCHILLA)
    return fit(
        "chinchilla", ScalingTable({**at, "loss": loss * np.exp(0.01 * np.random.default_rng(0).normal(size=8))})
    )


def test_an_amount_is_told_where_it_is_known_to_a_factor_of_ten():
    assert told(Estimate(2.0, 1.0, 4.0), SHOW) == "2 (1 to 4)"
    assert told(Estimate(56.0, 1.0, 5.7e9), SHOW) == "between 1 and 5.7e+09"
    assert told(Estimate(np.inf, 8.0, np.inf), SHOW) == "out of reach, at best 8"
    assert not Estimate(5.0, 1.0, np.inf).carried
    floored = Estimate(0.5, -1.0, 2.0).at_least(1.0)
    assert (floored.mid, floored.low, floored.high) == (1.0, 1.0, 2.0)


def test_a_loss_whose_interval_is_too_wide_is_refused():
    assert checked(Interval(2.0, 1.9, 2.2), SHOW) == "2 (1.9 to 2.2)"
    with pytest.raises(CannotForecast, match="anything from 1 to 3"):
        checked(Interval(2.0, 1.0, 3.0), SHOW)


def test_what_a_table_does_not_carry_is_refused_with_the_run_that_would_narrow_it(few):
    answer = parse_question("split,1e24").apply(few)
    assert answer.startswith("between ") and "No number is given where its interval spans a factor of ten." in answer
    found = re.search(r"A run of \S+ parameters on \S+ tokens \((\S+) FLOPs\) would .* about (\d+) %", answer)
    assert found and float(found[1]) <= 30 * few.table.compute.max() * 1.1 and 0 < int(found[2]) < 100


def test_the_run_that_settles_an_answer_does(few):
    """Added to the table a few times, as its noise allows, it brings the interval down."""
    split = best_split(few, 1e24)
    answer, columns = settled_by(few, split.params), few.table.columns
    size, tokens = (
        float(word[:-1]) * {"M": 1e6, "B": 1e9}[word[-1]] for word in re.findall(r"\S+(?<=[MB])(?= )", answer)
    )
    more = {name: np.append(columns[name], [value] * 4) for name, value in (("params", size), ("tokens", tokens))}
    loss = few.law({"params": np.array([size]), "tokens": np.array([tokens])}, **few.values)[0]
    more["loss"] = np.append(columns["loss"], loss * np.exp(0.01 * np.array([-1.0, 1.0, 0.3, -0.3])))
    after = best_split(fit("chinchilla", ScalingTable(more)), 1e24).params
    assert np.log(after.high / after.low) < np.log(split.params.high / split.params.low)


def test_nothing_is_proposed_where_all_is_told():
    made = fitted(noise=0.002)
    assert settled_by(made, best_split(made, 1e22).params) == ""


@pytest.mark.slow
def test_splits_far_beyond_the_runs_lie_in_their_intervals_however_few_the_runs_are():
    law, held = known_laws()["chinchilla"], []
    for seed in range(40):
        random = np.random.default_rng(seed)
        params = np.exp(random.uniform(np.log(1e8), np.log(1e9), 12))
        at = {"params": params, "tokens": params * np.exp(random.uniform(np.log(5), np.log(80), 12))}
        loss = law(at, **CHINCHILLA) * np.exp(0.005 * random.normal(size=12))
        made = fit("chinchilla", ScalingTable({**at, "loss": loss}), draws=100)
        budget = 100 * float(made.table.compute.max())
        held.append(best_split(made, budget).params.holds(optimum(budget)[0]))
    assert np.mean(held) >= 0.85
