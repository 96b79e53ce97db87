"""The robust fit: the optimum against scipy, outliers, coverage, setups that are not mixed, what cannot be seen."""

import numpy as np
import pytest
from scipy.optimize import minimize

from barograph.dashboard.analysis.scaling import ScalingTable, fit, hold_out, known_laws
from barograph.dashboard.analysis.scaling.descent import DELTA, descend, huber
from barograph.dashboard.analysis.scaling.profile import profile
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, table

LAW = known_laws()["chinchilla"]


def by_bfgs(rows: ScalingTable) -> np.ndarray:
    """The optimum by scipy from many starts: slow and independent of the descent."""

    def objective(x):
        value, slopes = LAW.at(rows.columns, x[None])
        away = value[0] - np.log(rows.loss)
        return huber(away, DELTA).sum(), slopes[0].T @ np.clip(away, -DELTA, DELTA)

    starts = LAW.starts(rows.columns, rows.loss)[::3]
    options = {"gtol": 1e-13, "maxiter": 5000}
    found = [minimize(objective, start, jac=True, method="BFGS", options=options) for start in starts]
    return min(found, key=lambda one: one.fun).x


@pytest.mark.parametrize("seed", [0, 1])
def test_the_optimum_is_the_one_that_scipy_finds(seed):
    rows = table(count=120, seed=seed, noise=0.01)
    made = fit("chinchilla", rows, keep_outliers=True, draws=2)
    assert np.allclose(made.x, by_bfgs(rows), atol=1e-3)
    assert made.cost == pytest.approx(huber(np.log(rows.loss) - LAW.at(rows.columns, made.x[None])[0][0], DELTA).sum())


def test_every_start_leads_to_the_same_optimum():
    rows = table(count=80, noise=0.01)
    x, cost = descend(LAW, rows.columns, rows.loss, LAW.starts(rows.columns, rows.loss))
    assert (cost < cost.min() * (1 + 1e-6)).mean() > 0.8
    assert np.ptp(x[cost < cost.min() * (1 + 1e-9)], axis=0).max() < 1e-3


@pytest.mark.parametrize("count", [30, 240])
def test_five_planted_outliers_are_found_and_move_nothing(count):
    rows = table(count=count, noise=0.006)
    clean = fit("chinchilla", rows, draws=20)
    assert not clean.out.any()
    random = np.random.default_rng(3)
    odd = random.choice(count, 5, replace=False)
    columns = {name: np.concatenate([values, values[odd]]) for name, values in rows.columns.items()}
    columns["loss"][count:] *= 1 + np.array([0.12, -0.15, 0.3, 0.2, -0.1])
    spoilt = fit("chinchilla", ScalingTable(columns), draws=20)
    assert set(np.flatnonzero(spoilt.out)) == set(range(count, count + 5))
    for name, value in clean.values.items():
        assert spoilt.values[name] == pytest.approx(value, rel=0.02)


def test_outliers_at_the_edge_that_pull_the_fit_through_themselves_are_found():
    rows = table(count=60, noise=0.005)
    first = np.argsort(rows.columns["tokens"])[:4]
    columns = {name: values.copy() for name, values in rows.columns.items()}
    columns["loss"][first] *= 1.25
    made = fit("chinchilla", ScalingTable(columns), draws=10)
    assert set(np.flatnonzero(made.out)) == set(first)
    assert made.values["beta"] == pytest.approx(CHINCHILLA["beta"], rel=0.1)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    inside, tables = {name: 0 for name in CHINCHILLA}, 200
    away = {"params": np.array([3e10]), "tokens": np.array([6e11])}
    truth, forecasts = LAW(away, **CHINCHILLA)[0], 0
    for seed in range(tables):
        made = fit("chinchilla", table(count=30, seed=seed), draws=80, keep_outliers=True, seed=seed)
        for name, found in made.intervals().items():
            inside[name] += found.holds(CHINCHILLA[name])
        band = made.predict(away, noise=False)
        forecasts += band.low[0] <= truth <= band.high[0]
    for name, count in (*inside.items(), ("forecast", forecasts)):
        assert 0.85 <= count / tables <= 0.97, (name, count / tables)


def test_setups_are_not_mixed_unless_told():
    rows = table(count=20)
    both = ScalingTable(rows.columns, groups=("c4",) * 10 + ("pile",) * 10)
    with pytest.raises(ValueError, match=r"2 setups \(c4, pile\).*choose one group"):
        fit("chinchilla", both)
    assert len(fit("chinchilla", both, mix=True, draws=5).table) == 20
    assert len(both.group("c4")) == 10
    with pytest.raises(ValueError, match="no run of group 'owt'; there are c4, pile"):
        both.group("owt")


def test_what_cannot_be_used_is_left_out_and_said():
    rows = table(count=20)
    columns = dict(rows.columns) | {"unique_tokens": rows.columns["tokens"] * np.where(np.arange(20) < 4, 0.2, 1)}
    columns["loss"] = np.where(np.arange(20) == 10, np.nan, rows.loss)
    made = fit("chinchilla", ScalingTable(columns), draws=5)
    assert len(made.table) == 15 and len(made.notes) == 2
    assert "row 11" in made.notes[0] and "4 runs that repeat their data" in made.notes[1]
    with pytest.raises(ValueError, match="missing: width"):
        fit("width", rows)
    with pytest.raises(ValueError, match="5 usable runs: the Chinchilla law has 5 constants and needs at least 6"):
        fit("chinchilla", rows.where(slice(0, 5)))


def test_an_exponent_that_two_sizes_cannot_show_is_borrowed_and_said():
    rows = table(count=40)
    columns = dict(rows.columns) | {"params": np.where(np.arange(40) % 2, 2e8, 4e8)}
    columns["loss"] = LAW(columns, **CHINCHILLA) * np.exp(0.002 * np.random.default_rng(0).standard_normal(40))
    made = fit("chinchilla", ScalingTable(columns))
    assert "alpha" in made.held and "alpha cannot be seen here and is taken from beta" in made.notes[0]
    assert made.values["alpha"] == pytest.approx(made.values["beta"])
    far = {"params": np.array([4e9]), "tokens": np.array([8e10])}
    band = made.predict(far)
    assert band.low[0] < LAW(far, **CHINCHILLA)[0] < band.high[0]


def test_constants_that_are_held_stay():
    made = fit("data_constrained", table("data_constrained", 60), held=CHINCHILLA, draws=20)
    assert {name: made.values[name] for name in CHINCHILLA} == pytest.approx(CHINCHILLA)
    assert made.interval("E").low == pytest.approx(1.8) == made.interval("E").high
    assert made.values["R_D"] == pytest.approx(15, rel=0.15)


def test_a_hold_out_check_predicts_the_largest_runs():
    rows = table(count=60)
    found = hold_out("chinchilla", rows, draws=60)
    assert len(found.table) == 12 and len(found.fitted.table) == 48
    assert found.table.compute.min() > found.fitted.table.compute.max()
    assert np.abs(found.errors).mean() < 0.015 and found.inside.mean() >= 0.75
    with pytest.raises(ValueError, match="no run to hold out above 1e\\+30"):
        hold_out("chinchilla", rows, 1e30)
    with pytest.raises(ValueError, match="needs the columns params and tokens"):
        hold_out("width", table("width"))


def test_profile_and_bootstrap_agree_where_the_table_holds_the_constants():
    made = fit("chinchilla", table(count=100, noise=0.004))
    for name, value in made.values.items():
        found, drawn = profile(made, name), made.interval(name)
        assert found.low < value < found.high and found.mid == pytest.approx(value)
        assert 0.4 < np.log(found.high / found.low) / np.log(drawn.high / drawn.low) < 2.5
    held = fit("chinchilla", table(), held={"alpha": 0.35}, draws=10)
    with pytest.raises(ValueError, match="alpha was held at 0.35"):
        profile(held, "alpha")


def test_of_equally_good_minima_the_usual_one_is_taken_and_foreign_constants_are_said():
    rows = table("data_constrained", 60)
    level = {name: values.copy() for name, values in rows.columns.items()}
    level["loss"] *= 1.09
    made = fit("data_constrained", ScalingTable(level), held=CHINCHILLA, draws=10)
    assert "Held constants may not be of this setup" in made.notes[0] and "+" in made.notes[0]
    assert not fit("data_constrained", rows, held=CHINCHILLA, draws=10).notes
    once = table("data_constrained", 60).columns
    once = {name: values[::3] for name, values in once.items()}  # no run repeats its data: R_D has no say
    made = fit("data_constrained", ScalingTable(once), held=CHINCHILLA, draws=10)
    assert 3 < made.values["R_D"] < 80
