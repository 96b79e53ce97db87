"""Every law of the folder goes through every check."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.fit import Gaussian, fit
from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.observe import Observed
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

SCHEDULE = Schedule([0, 300, 9_000, 12_000], [0, 5e-4, 5e-4, 0])
EVERY = pytest.mark.parametrize("law", known_laws().values(), ids=list(known_laws()))


def typical(law):
    return np.log([middle for middle, _ in law.typical.values()])


def test_the_laws_are_found():
    assert {"power_steps", "power_s1", "mtl", "mpl", "fsl", "river"} <= set(known_laws())


@EVERY
def test_the_signature_names_the_parameters(law):
    assert tuple(law.typical) == law.parameters
    assert law.curve.__module__.endswith(law.name)


@EVERY
def test_derivatives_against_differences(law):
    view, at = LRHistory.of(SCHEDULE, np.linspace(400, 12_000, 40)), typical(law) + 0.1
    for i, row in enumerate(np.eye(len(at)) * 1e-6):
        slope = (law.at(view, at + row)[0] - law.at(view, at - row)[0]) / 2e-6
        assert law.at(view, at)[1][:, i] == pytest.approx(slope, abs=1e-7)


@EVERY
def test_the_loss_falls_and_a_decay_never_raises_it(law):
    loss = law.at(LRHistory.of(SCHEDULE, np.arange(400, 12_001, 50)), typical(law))[0]
    assert np.all(np.diff(loss) < 1e-9) and np.all(loss > 0)


@EVERY
def test_parameters_are_recovered_from_clean_curves(law):
    rng, true = np.random.default_rng(0), typical(law) + np.where(np.arange(len(law.parameters)) % 2, 0.1, -0.1)
    runs = []
    for schedule in (
        SCHEDULE,
        Schedule([0, 300, 20_000], [0, 5e-4, 5e-5]),
        Schedule([0, 300, 4000, 4001, 16_000], [0, 5e-4, 5e-4, 1e-4, 1e-4]),
    ):
        steps = np.arange(3_000, schedule.total + 1, 50)
        loss = law.at(LRHistory.of(schedule, steps), true)[0] * np.exp(1e-4 * rng.standard_normal(len(steps)))
        runs.append(Observed.of(steps, loss, schedule))
    spread = np.array([sd for _, sd in law.typical.values()])
    found = fit(law, runs, Gaussian(typical(law), np.diag(spread**2)))
    assert found.converged
    away = np.abs(found.mean - true) / np.sqrt(np.diag(found.covariance))
    assert np.all(away < 3), dict(zip(law.parameters, away, strict=True))
    assert abs(found.mean[0] - true[0]) < 0.02
