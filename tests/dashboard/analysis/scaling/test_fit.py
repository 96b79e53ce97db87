"""The robust fit: the optimum against scipy, coverage, setups that are not mixed, what cannot be seen."""

import numpy as np
import pytest
from scipy.optimize import minimize

from barograph.dashboard.analysis.scaling import ScalingTable, fit, known_laws
from barograph.dashboard.analysis.scaling.descent import DELTA, huber
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
    made = fit("chinchilla", rows, draws=2)
    assert np.allclose(made.x, by_bfgs(rows), atol=1e-3)
    assert made.cost == pytest.approx(huber(np.log(rows.loss) - LAW.at(rows.columns, made.x[None])[0][0], DELTA).sum())


PUBLISHED = {"E": 1.8172, "A": 477.6, "B": 2142.6, "alpha": 0.3473, "beta": 0.3672}  # Besiroglu et al. 2024


def test_the_published_constants_come_back_from_all_of_240_points_five_of_them_far_off():
    random, count = np.random.default_rng(1), 240
    compute = 10 ** random.uniform(18.5, 22, count)
    params = np.sqrt(compute / 120) * np.exp(random.uniform(-1.5, 1.5, count))
    at = {"params": params, "tokens": compute / 6 / params}
    away = 0.0008 * random.standard_normal(count)
    away[:5] += (0.08, -0.06, 0.1, 0.05, -0.05)
    made = fit("chinchilla", ScalingTable({**at, "loss": LAW(at, **PUBLISHED) * np.exp(away)}), draws=50)
    for name, truth in PUBLISHED.items():
        assert made.values[name] == pytest.approx(truth, rel=0.05 if name in "AB" else 0.01)
    assert set(np.flatnonzero(made.out)) == set(range(5)) and (made.weights == 1).all()


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    inside, tables = {name: 0 for name in CHINCHILLA}, 200
    away = {"params": np.array([3e10]), "tokens": np.array([6e11])}
    truth, forecasts = LAW(away, **CHINCHILLA)[0], 0
    for seed in range(tables):
        made = fit("chinchilla", table(count=30, seed=seed), draws=80, seed=seed)
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
    assert "alpha" in made.held and "alpha cannot be estimated here and is taken from beta" in made.notes[0]
    assert made.values["alpha"] == pytest.approx(made.values["beta"])
    far = {"params": np.array([4e9]), "tokens": np.array([8e10])}
    band = made.predict(far)
    assert band.low[0] < LAW(far, **CHINCHILLA)[0] < band.high[0]


def test_constants_that_are_held_stay():
    made = fit("data_constrained", table("data_constrained", 60), held=CHINCHILLA, draws=20)
    assert {name: made.values[name] for name in CHINCHILLA} == pytest.approx(CHINCHILLA)
    assert made.interval("E").low == pytest.approx(1.8) == made.interval("E").high
    assert made.values["R_D"] == pytest.approx(15, rel=0.15)


def test_of_equally_good_minima_the_usual_one_is_taken_and_foreign_constants_are_said():
    rows = table("data_constrained", 60)
    level = {name: values.copy() for name, values in rows.columns.items()}
    level["loss"] *= 1.09
    made = fit("data_constrained", ScalingTable(level), held=CHINCHILLA, draws=10)
    assert "Fixed constants may not fit this setup" in made.notes[0] and "+" in made.notes[0]
    assert not fit("data_constrained", rows, held=CHINCHILLA, draws=10).notes
    once = table("data_constrained", 60).columns
    once = {name: values[::3] for name, values in once.items()}  # no run repeats its data: R_D has no say
    made = fit("data_constrained", ScalingTable(once), held=CHINCHILLA, draws=10)
    assert 3 < made.values["R_D"] < 80


def test_bad_constants_and_laws_are_named():
    with pytest.raises(ValueError, match="no constant gamma; it has E, A, alpha"):
        fit("chinchilla", table(), held={"gamma": 1.0})
    with pytest.raises(ValueError, match="above 0"):
        fit("chinchilla", table(), held={"E": -1.0})
