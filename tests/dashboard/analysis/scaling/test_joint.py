"""The joint law: derivatives through the size, and a third size predicted from the whole curves of two."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Finished, Schedule, Setup
from barograph.dashboard.analysis.forecasting.law import known_laws as curve_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory
from barograph.dashboard.analysis.scaling import fit_joint
from barograph.dashboard.analysis.scaling.joint import JointLaw, Sized

PLANS = {
    "cosine": Schedule.dense(
        np.r_[np.linspace(0, 1, 200), 0.1 + 0.45 * (1 + np.cos(np.linspace(0, np.pi, 3800)))] * 1e-3, 200
    ),
    "wsd": Schedule([0, 200, 4800, 6000], [0, 1e-3, 1e-3, 0]),
    "constant": Schedule([0, 200, 5000], [0, 1e-3, 1e-3]),
}


def run(size: float, plan: str, noise: float = 0.001, seed: int = 0) -> Finished:
    """A run of the joint MTL law: L0 = 1.75 + .95 * (N / 1e8)^-.3, the annealing term growing with N."""
    log_n = np.log(size / 1e8)
    own = np.log([1.75 + 0.95 * np.exp(-0.3 * log_n), 0.4, 0.45, 0.16, 700.0])
    own += log_n * np.array([0, 0.05, -0.04, 0.1, 0.0])
    steps = np.arange(500, PLANS[plan].total, 40)
    loss = curve_laws()["mtl"].at(LRHistory.of(PLANS[plan], steps), own)[0]
    away = noise * np.random.default_rng([seed, int(size), len(plan)]).standard_normal(len(steps))
    return Finished(steps, loss * np.exp(away), PLANS[plan], Setup(f"{size:g}", "ladder", 1e-3, size))


def test_derivatives_go_through_the_size():
    law = JointLaw(curve_laws()["mtl"])
    view = Sized.by(LRHistory.of(PLANS["wsd"], [600, 3000, 5500]), 0.8)
    x = law.prior(2.9).mean + 0.05
    slopes = law.at(view, x)[1]
    for i in range(len(x)):
        step = 1e-6 * (np.arange(len(x)) == i)
        numeric = (law.at(view, x + step)[0] - law.at(view, x - step)[0]) / 2e-6
        assert np.allclose(numeric, slopes[:, i], rtol=1e-4, atol=1e-7)


def test_a_third_size_is_predicted_from_whole_curves_of_different_schedules():
    known = [run(2.5e7, "cosine"), run(2.5e7, "wsd"), run(1e8, "constant"), run(1e8, "wsd")]
    made, truth = fit_joint(known, "mtl"), run(4e8, "cosine", noise=0.0)
    band = made.predict(truth.schedule, 4e8, truth.steps)
    assert np.abs(band.mid / truth.losses - 1).mean() < 0.01
    assert ((band.low < truth.losses) & (truth.losses < band.high)).mean() > 0.9
    finals = fit_joint(known, "mtl", last_only=True).predict(truth.schedule, 4e8, truth.steps)
    assert np.abs(band.mid / truth.losses - 1).mean() < np.abs(finals.mid / truth.losses - 1).mean()
    alpha = made.values["alpha"]
    assert alpha.low < alpha.mid < alpha.high and alpha.holds(0.3)


def test_one_size_cannot_show_what_size_does():
    with pytest.raises(ValueError, match="at least two sizes"):
        fit_joint([run(1e8, "wsd"), run(1e8, "cosine")])
    with pytest.raises(ValueError, match="at least two sizes"):
        fit_joint([])
