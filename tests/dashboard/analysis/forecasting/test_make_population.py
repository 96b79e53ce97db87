"""The population's calibration, from made-up misses of known widths, and from sets that were left out."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Setup
from barograph.dashboard.analysis.forecasting.make_population import SEED_FLOOR, calibrate, misses, read_sets
from barograph.dashboard.analysis.forecasting.population import Calibration, empty
from tests.dashboard.analysis.forecasting.folders import write
from tests.dashboard.analysis.forecasting.synthetic import TRUE, cosine, finished, wsd


def made_up(parameters, laws, floor, count=4000):
    """Rows (error, sd of the fit, spread of the laws) whose errors have these widths under heavy tails."""
    rng = np.random.default_rng(0)
    own, spread = np.exp(rng.uniform(np.log(2e-4), np.log(5e-2), (2, count)))
    sd = np.sqrt((parameters * own) ** 2 + (laws * spread) ** 2 + floor**2)
    return np.column_stack([sd * rng.standard_t(5, count), own, spread])


def test_widths_that_made_the_misses_are_found():
    found = calibrate(made_up(1.5, 0.6, 4e-3))
    assert (found.parameters, found.laws, found.floor) == pytest.approx((1.5, 0.6, 4e-3), rel=0.15)


def test_the_quantiles_hold_half_and_nineteen_of_twenty():
    rows = made_up(1.0, 0.5, 2e-3)
    found = calibrate(rows)
    sd = np.sqrt((found.parameters * rows[:, 1]) ** 2 + (found.laws * rows[:, 2]) ** 2 + found.floor**2)
    away = np.abs(rows[:, 0]) / sd
    assert (np.mean(away < found.half), np.mean(away < found.most)) == pytest.approx((0.5, 0.95), abs=0.01)


def test_no_floor_lies_below_what_another_seed_makes():
    assert calibrate(made_up(1.0, 0.5, 1e-6)).floor >= SEED_FLOOR


def test_every_folder_with_curves_is_a_set(tmp_path):
    write(tmp_path / "mine")
    (tmp_path / "other").mkdir()
    (tmp_path / "a file").write_text("")
    sets = read_sets(tmp_path)
    assert list(sets) == ["mine"] and [run.setup.project for run in sets["mine"]] == ["mine"]


def test_misses_are_those_of_forecasts_from_the_other_sets():
    def runs(project, seed, shift):
        setup = Setup("small", project, 5e-4, 1.2e8)
        return [finished(plan, setup, seed=seed + i, true=TRUE + shift) for i, plan in enumerate((wsd(), cosine()))]

    sets = {name: runs(name, 10 * i, 0.02 * i) for i, name in enumerate(("a", "b", "c"))}
    fitted = {name: empty(Calibration(1, 1, 1e-3, 0.67, 1.64)).plus(of) for name, of in sets.items()}
    rows = misses(sets, "a", "c", fitted, every=2)
    assert rows.shape[1] == 3 and 3 <= len(rows) <= 15  # of one run: three libraries, five moments
    assert np.isfinite(rows).all() and np.abs(rows[:, 0]).max() < 0.1 and (rows[:, 1:] >= 0).all()
    assert np.median(np.abs(rows[-3:, 0])) < np.median(rows[:3, 1])  # the other run of the setup is the best guide
