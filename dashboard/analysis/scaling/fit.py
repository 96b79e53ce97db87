"""A scaling law fitted to a table of runs: constants with intervals, and predictions that know their error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from ....errors import CannotForecast
from ....interval import Band, Interval
from .descent import DELTA, descend
from .law import APART, EXPONENT, SPREAD, ScalingLaw, known_laws
from .outliers import outliers, spread
from .table import ScalingTable

DRAWS = 300  # of the bootstrap
FOREIGN = 0.02  # of log loss: a median residual beyond this says that held constants are of another setup
EQUAL = 0.005  # objectives that differ by less than this share of themselves tell nothing apart
LEVEL = 0.9
ROUNDS = 400  # of a draw: along a ridge it moves slowly, and an interval that stops on the way is too narrow
LARGEST = 20.0  # standard deviation of a logarithm that is told apart from not knowing it at all
STEP = 0.05  # of a logarithm: how far an answer's slope is looked for


@dataclass(frozen=True, eq=False)
class Fitted:
    """`x` (p,) are the logarithms of the constants, `draws` (K, p) those of the bootstrap, `noise` the standard
    deviation of a single run around the law (of log loss), `out` (n,) which rows of `table` lie far from the law
    through the others (and, of a `robust` fit, were left out), `held` which constants did not come from this table, and
    `notes` what a reader has to know. `axes` (p, q) are the independent directions in which the runs leave the
    constants free, each as long as its standard deviation by least squares: s (J'J)^-1/2."""

    law: ScalingLaw
    table: ScalingTable
    x: np.ndarray
    draws: np.ndarray
    noise: float
    cost: float
    delta: float
    out: np.ndarray
    weights: np.ndarray
    held: Mapping[str, float]
    notes: tuple[str, ...]
    robust: bool
    axes: np.ndarray

    @property
    def values(self) -> dict[str, float]:
        return dict(zip(self.law.parameters, np.exp(self.x).tolist(), strict=True))

    @property
    def dof(self) -> int:
        """Degrees of freedom: runs, as many as their weights are worth, less the constants fitted."""
        runs = self.weights.sum() ** 2 / np.sum(self.weights**2)
        return max(int(round(runs)) - (len(self.law.parameters) - len(self.held)), 1)

    def interval(self, name: str, level: float = LEVEL) -> Interval:
        """One constant with its interval, from the bootstrap."""
        i = self.law.parameters.index(name)
        return self.band(self.x[i : i + 1], self.draws[:, i : i + 1], level, slopes=self.axes[i : i + 1]).map(np.exp)[0]

    def intervals(self) -> dict[str, Interval]:
        return {name: self.interval(name) for name in self.law.parameters}

    def band(
        self,
        mid: np.ndarray,
        draws: np.ndarray,
        level: float = LEVEL,
        noise: float = 0.0,
        slopes: np.ndarray | None = None,
    ) -> Band:
        """What the draws (K, m) of a number say around its estimate (m,), with the noise of a single run added.

        A bootstrap is too narrow in small tables: its quantiles are stretched by Student's t over the normal, and are
        no less than what `slopes` (m, q), how the number changes along each of `axes`, say by least squares."""
        tails = (0.5 - level / 2, 0.5 + level / 2)
        usual = student.ppf(tails[1], self.dof)
        with np.errstate(invalid="ignore"):
            away = np.nanquantile(draws - mid, tails, axis=0, method="nearest") * usual / student.ppf(tails[1], 1e6)
        least = 0.0 if slopes is None else usual * np.linalg.norm(slopes, axis=-1)
        one = usual * noise
        low, high = (np.hypot(np.maximum(side, least), one) for side in (-away[0], away[1]))
        return Band(mid, mid - low, mid + high, level)

    @property
    def around(self) -> np.ndarray:
        """Constants (2 q, p) a short way to either side along each of `axes`; `along` takes what comes of them."""
        return np.concatenate([self.x + self._steps * self.axes.T, self.x - self._steps * self.axes.T])

    def along(self, values: np.ndarray) -> np.ndarray:
        """How a number changes along each of `axes` (q,), from its values (2 q,) at `around`."""
        up, down = np.split(values, 2)
        with np.errstate(invalid="ignore"):
            return np.asarray((up - down) / (2 * self._steps[:, 0]))

    @property
    def _steps(self) -> np.ndarray:
        return np.asarray(np.minimum(1, STEP / np.maximum(np.abs(self.axes).max(0), 1e-300))[:, None])

    def predict(self, at: Mapping[str, np.ndarray], level: float = LEVEL, noise: bool = True) -> Band:
        """The final loss at sizes, tokens ... (name -> (m,)); with `noise` the interval is for a single new run."""
        at = {name: np.atleast_1d(np.asarray(at[name], float)) for name in self.law.columns}
        mid, by = (one[0] for one in self.law.at(at, self.x[None]))
        draws = self.law.at(at, self.draws)[0]
        return self.band(mid, draws, level, self.noise if noise else 0.0, by @ self.axes).map(self.law.unlink)

    @property
    def residuals(self) -> np.ndarray:
        """Measured over fitted, minus 1, of every row (n,); a difference for a law of negative losses."""
        away = self.law.link(self.table.loss) - self.law.at(self.table.columns, self.x[None])[0][0]
        return np.asarray(np.expm1(away) if self.law.relative else away)


def fit(
    law: ScalingLaw | str,
    table: ScalingTable,
    held: Mapping[str, float] | None = None,
    mix: bool = False,
    delta: float = DELTA,
    draws: int = DRAWS,
    robust: bool = False,
    seed: int = 0,
) -> Fitted:
    """Minimise the sum of Huber(log law - log loss) over the constants, from many starts, on all rows.

    This is the estimator of Hoffmann et al. 2022 as Besiroglu et al. 2024 (arXiv 2404.10102) run it to its minimum:
    Huber's threshold is 1e-3 on the log loss. Rows far from the law through the others are reported; a `robust` fit
    leaves them out.

    `held` gives constants that are not to be fitted. An exponent that the table cannot show (fewer than three
    different sizes, say) is set to its twin or to public fits, and drawn from their spread for the intervals. Raises
    ValueError as `ScalingTable.ready` does, for unknown constants, and where no start leads anywhere."""
    law = known_laws()[law] if isinstance(law, str) else law
    table, notes = table.ready(law, mix)
    held = dict(held or {})
    unknown = [name for name in held if name not in law.parameters]
    if unknown:
        raise CannotForecast(
            f"the {law.title} has no constant {', '.join(unknown)}; it has {', '.join(law.parameters)}"
        )
    if any(not value > 0 for value in held.values()):
        raise CannotForecast("a constant that is held must be above 0")
    at, loss, random = table.columns, table.loss, np.random.default_rng(seed)
    borrowed = [name for name, (column, _) in law.unseen.items() if name not in held and table.different(column) < 3]
    for name in borrowed:
        column, twin = law.unseen[name]
        held[name] = EXPONENT
        public = f"public fits ({EXPONENT} ± {100 * SPREAD:.0f} %)"
        source = public if twin in borrowed else f"{twin}, which it is usually close to"
        notes.append(
            f"Fewer than three different {column}: {name} cannot be estimated here and is taken from {source}."
        )
    seen = {law.unseen[name][0] for name in borrowed}
    notes += [
        f"Fewer than three different values of {column}: the law is poorly constrained in it."
        for column in law.columns
        if column not in seen and table.different(column) < 3
    ]
    free = np.array([name not in held for name in law.parameters])
    starts = law.starts(at, loss)
    for i, name in enumerate(law.parameters):
        if name in held:
            starts[:, i] = np.log(held[name])
    starts = np.unique(starts.round(6), axis=0)
    usual = np.ones(len(table))
    if law.emphasis:
        usual = (table.compute / table.compute.max()) ** law.emphasis
    x, cost = _minimum(law, at, loss, starts, usual, free, delta)
    if not np.isfinite(cost):
        raise CannotForecast(f"the {law.title} cannot be fitted to these runs: no start gave a finite loss")
    out = outliers(law, at, loss, x, free, delta, seed)
    if robust:
        usual = usual * ~out
        if out.any():
            x, cost = _minimum(law, at, loss, np.vstack([starts, x]), usual, free, delta)
    weights = random.exponential(size=(draws, len(table))) * usual
    drawn, reached = descend(law, at, loss, np.repeat(x[None], draws, 0), weights, free, delta, last=ROUNDS)
    for name in borrowed:  # the other constants hardly depend on it, so they were found first
        i, twin = law.parameters.index(name), law.unseen[name][1]
        j = i if twin in borrowed else law.parameters.index(twin)
        known = np.log(EXPONENT) + np.array([-3.0, 3.0]) * SPREAD  # a twin beyond all public fits is no guide
        x[i] = np.clip(x[j], *known)
        drawn[:, i] = np.clip(drawn[:, j], *known) + (SPREAD if i == j else APART) * random.standard_normal(draws)
    if borrowed:
        x, cost = _minimum(law, at, loss, x[None], usual, free, delta)
        drawn, reached = descend(law, at, loss, drawn, weights, free, delta, last=ROUNDS)
    drawn = drawn[np.isfinite(reached)]
    residual = (law.at(at, x[None])[0][0] - law.link(loss))[usual > 0]
    kept, middle = len(residual), -float(np.median(residual))
    if set(held) - set(borrowed) and abs(middle) > FOREIGN:
        notes.append(
            f"Fixed constants may not fit this setup: the median run lies {100 * middle:+.1f} % from the law, "
            "and the fitted constants compensate for it."
        )
    stretch = np.sqrt(kept / max(kept - free.sum(), 1))
    noise = spread(residual, int(free.sum())) * stretch
    weighted = (
        spread(residual * np.sqrt(usual[usual > 0]), int(free.sum())) * stretch
    )  # runs that count less scatter more
    axes = _axes(law.at(at, x[None])[1][0] * np.sqrt(usual)[:, None], free, float(weighted))
    return Fitted(law, table, x, drawn, float(noise), float(cost), delta, out, usual, held, tuple(notes), robust, axes)


def _axes(slopes: np.ndarray, free: np.ndarray, noise: float) -> np.ndarray:
    """The principal axes (p, q) of the constants' uncertainty, from the weighted Jacobian (n, p)."""
    _, size, directions = np.linalg.svd(slopes[:, free], full_matrices=False)
    out = np.zeros((len(free), len(size)))
    out[free] = directions.T * np.minimum(noise / np.maximum(size, 1e-300), LARGEST)
    return out


def _minimum(
    law: ScalingLaw,
    at: Mapping[str, np.ndarray],
    loss: np.ndarray,
    starts: np.ndarray,
    weights: np.ndarray,
    free: np.ndarray,
    delta: float,
) -> tuple[np.ndarray, float]:
    """The lowest minimum that the starts lead to; of equally good ones that nearest to what is usual."""
    x, cost = descend(law, at, loss, starts, weights[None], free, delta)
    if not law.usual:
        return x[np.argmin(cost)], float(cost.min())
    more, more_cost = descend(law, at, loss, starts, weights[None], free, delta, wider=())  # into the nearest minimum
    x, cost = np.vstack([x, more]), np.append(cost, more_cost)
    away = [
        ((x[:, law.parameters.index(name)] - np.log(value)) / spread) ** 2
        for name, (value, spread) in law.usual.items()
    ]
    best = np.argmin(np.where(cost <= cost.min() * (1 + EQUAL), np.sum(away, axis=0), np.inf))
    return x[best], float(cost[best])
