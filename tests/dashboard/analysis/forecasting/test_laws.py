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


def test_the_published_momentum_sum_is_mtl():
    """S2 by the paper's recurrence, step by step, warm-up left out, against the law's block form."""
    T, D = 400.0, 0.2
    keep, eta = np.exp(-1 / T), SCHEDULE.eta
    momentum = s2 = 0.0
    for k in range(301, len(eta)):
        momentum = keep * momentum + (eta[k - 1] - eta[k])
        s2 += momentum
    C = D * (1 - keep) / SCHEDULE.peak
    law, view = known_laws()["mtl"], LRHistory.of(SCHEDULE, [SCHEDULE.total])
    values = np.log([3.0, 0.3, 0.5, D, T])
    flat = np.log([3.0, 0.3, 0.5, 1e-12, T])
    assert law.at(view, flat)[0][0] - law.at(view, values)[0][0] == pytest.approx(C * s2, rel=0.01)


def test_the_functional_scaling_law_is_its_sum_over_steps():
    D, T, b = 0.2, 300.0, 1.3
    eta = SCHEDULE.eta / SCHEDULE.peak
    after = np.cumsum(eta[::-1])[::-1] - eta / 2
    norm = np.sum((1 + (np.arange(10_000) + 0.5) / T) ** -b)
    slow = D * np.sum(eta**2 * (1 + after / T) ** -b) / norm
    # by parts the noise of a step goes with eta * (eta dS): eta^2 per step, as in the paper
    law, view = known_laws()["fsl"], LRHistory.of(SCHEDULE, [SCHEDULE.total])
    with_noise = law.at(view, np.log([3.0, 0.3, 0.5, D, T, b]))[0][0]
    without = law.at(view, np.log([3.0, 0.3, 0.5, 1e-12, T, b]))[0][0]
    assert with_noise - without == pytest.approx(slow, rel=0.02)


def test_the_multi_power_law_is_refused_where_the_lr_rises():
    rewarmed = Schedule([0, 300, 5000, 5500, 8000], [0, 5e-4, 5e-5, 5e-4, 0], 300)
    view = LRHistory.of(rewarmed, np.array([4000.0, 7000.0]))
    assert not known_laws()["mpl"].supports(view) and known_laws()["river"].supports(view)
    assert known_laws()["mpl"].supports(LRHistory.of(SCHEDULE, [12_000]))


def test_the_multi_power_law_reads_the_lr_after_a_jump():
    """The published sum, step by step: the LR after each drop, and the LR spent from that step on."""
    schedule = Schedule([0, 300, 8_000, 8_001, 16_000], [0, 1e-3, 1e-3, 1e-4, 1e-4])
    D, T, b, g = 0.2, 1000.0, 0.6, 0.5
    law, view = known_laws()["mpl"], LRHistory.of(schedule, [16_000])
    with_drop, without = (law.at(view, np.log([3.0, 0.3, 0.5, size, T, b, g]))[0][0] for size in (D, 1e-12))
    spent = schedule.eta[8_000:].sum() / schedule.peak
    assert without - with_drop == pytest.approx(D * 0.9 * (1 - (1 + spent * 0.1**-g / T) ** -b), rel=2e-3)
