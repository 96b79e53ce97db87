"""What is known from finished runs."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Finished, Setup, known_laws, shipped
from barograph.dashboard.analysis.forecasting.population import CHECK, WEIGHTS, Calibration, empty
from tests.dashboard.analysis.forecasting.synthetic import SETUP, TRUE, cosine, finished, run, wsd


def test_a_library_joins_the_runs_of_a_setup():
    base = shipped()
    library = base.plus(
        [finished(wsd()), finished(cosine(), seed=1), finished(wsd(10_000), Setup("other", "mine"), seed=2)]
    )
    assert library.runs == {("mine", "small"): 2, ("mine", "other"): 1}
    assert len(library.known["river"]) == len(base.known["river"]) + 2 and base.runs == {}
    own = next(one for one in library.known["river"] if one.setup == SETUP)
    assert abs(own.mean[0] - TRUE[0]) < 0.02 and abs(own.mean[3] - TRUE[3]) < 0.2


def test_a_set_can_be_left_out_of_the_shipped_population():
    projects = {one.setup.project for one in shipped().known["river"]}
    for project in projects:
        left = shipped(without=project)
        assert {one.setup.project for one in left.known["river"]} == projects - {project}
        assert left.calibration != shipped().calibration


def test_the_shipped_population_knows_each_law_that_forecasts_and_its_parameters():
    library = shipped()
    assert set(library.known) == {*WEIGHTS, CHECK} and sum(WEIGHTS.values()) == pytest.approx(1)
    for name, rows in library.known.items():
        size = len(known_laws()[name].parameters)
        assert rows and all(row.mean.shape == (size,) and row.covariance.shape == (size, size) for row in rows)
        assert all(np.linalg.eigvalsh(row.covariance).min() > -1e-7 for row in rows)  # the table has 7 decimals
    assert library.population == {row.setup.project for row in library.known["river"]}
    assert 0 < library.calibration.half < library.calibration.most


def test_an_empty_library_knows_nothing_but_its_calibration():
    neutral = Calibration(1, 1, 1e-3, 0.67, 1.64)
    library = empty(neutral)
    assert library.calibration is neutral and not library.population and not library.runs
    assert set(library.known) == {*WEIGHTS, CHECK} and not any(library.known.values())


def test_a_run_of_too_few_points_adds_nothing():
    steps, losses, _ = run(wsd())
    short = Finished(steps[:5], losses[:5], wsd(), SETUP)
    library = shipped().plus([short])
    assert library.runs == {} and len(library.known["river"]) == len(shipped().known["river"])
