"""The joint law: whole loss curves of several sizes under different schedules inform one fit.

Final losses of runs with different schedules are not comparable, and most of what a run says lies before its end. Here
a law of the curve (progress with the LR integral S1, annealing with the LR's falls S2) holds at every size, its
parameters being functions of the size: L0(N) = E + A / N^alpha, all others a power of N. In the spirit of Tissue et
al. 2024 (arXiv 2408.11029), which adds a term in N to the LR-annealing law; here every parameter may depend on N."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from ....errors import CannotForecast
from ....interval import Band, Interval
from ..forecasting.fit import Gaussian, Posterior
from ..forecasting.fit import fit as fit_curves
from ..forecasting.law import Law as CurveLaw
from ..forecasting.law import known_laws as curve_laws
from ..forecasting.observe import Observed
from ..forecasting.population import BEST
from ..forecasting.prior import PER_SIZE, PROJECT_PER_SIZE, RUN_LEVEL, SETUP, Finished
from ..forecasting.schedule import LRHistory, Schedule
from .law import EXPONENT, SPREAD

FLOOR = (0.6, 0.12)  # E as a share of the lowest loss of runs of about 100M: .56 to .67 in public fits; its spread
QUANTILE = 1.645


@dataclass(frozen=True)
class Sized(LRHistory):
    """A view of a schedule by a model whose size is e^log_n times the reference."""

    log_n: float

    @classmethod
    def by(cls, view: LRHistory, log_n: float) -> Sized:
        return cls(**{field.name: getattr(view, field.name) for field in fields(LRHistory)}, log_n=log_n)


@dataclass(frozen=True)
class JointLaw:
    """A curve law whose parameters depend on the size; x = log E, log A, log alpha, then level and slope in log N of
    the logarithm of each parameter of `curve` but its first, L0."""

    curve: CurveLaw

    @property
    def parameters(self) -> tuple[str, ...]:
        rest = self.curve.parameters[1:]
        return ("E", "A_N", "alpha", *rest, *(f"{name} per e-fold of N" for name in rest))

    def own(self, x: np.ndarray, log_n: float) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of the curve law's parameters (p,) at a size, and their derivatives by x (p, q)."""
        E, A, alpha = np.exp(x[:3])
        term, count = A * np.exp(-alpha * log_n), len(self.curve.parameters) - 1
        level = E + term
        slopes = np.zeros((count + 1, len(x)))
        slopes[0, :3] = np.array([E, term, -alpha * log_n * term]) / level
        slopes[1:, 3 : 3 + count] = np.eye(count)
        slopes[1:, 3 + count :] = log_n * np.eye(count)
        return np.concatenate([[np.log(level)], x[3 : 3 + count] + log_n * x[3 + count :]]), slopes

    def at(self, view: LRHistory, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        own, inner = self.own(x, view.log_n if isinstance(view, Sized) else 0.0)
        loss, slopes = self.curve.at(view, own)
        return loss, slopes @ inner

    def prior(self, lowest: float) -> Gaussian:
        """What is usual: the floor near `lowest` loss, alpha as in public fits, the rest as of the curve law."""
        middle, spread = np.array(list(self.curve.typical.values())[1:]).T
        mean = [np.log(FLOOR[0] * lowest), np.log((1 - FLOOR[0]) * lowest), np.log(EXPONENT)]
        slope = np.hypot(PER_SIZE, PROJECT_PER_SIZE) * spread
        sd = np.concatenate([[FLOOR[1], 1.0, SPREAD], spread, slope])
        return Gaussian(np.concatenate([mean, np.log(middle), np.zeros(len(slope))]), np.diag(sd**2))


@dataclass(frozen=True, eq=False)
class Joint:
    """A fitted joint law; `size` is the reference for N."""

    law: JointLaw
    posterior: Posterior
    size: float

    def predict(self, schedule: Schedule, params: float, steps: ArrayLike) -> Band:
        """The loss curve (m,) of a run that was not used, with its 90 % interval at each step.

        Beside the fit's own error there is what the law does not describe and how far a setup's parameters usually
        lie from their trend in N."""
        unseen = Observed(schedule, np.empty(0), np.empty(0), np.empty(0), 0.0)
        steps = np.atleast_1d(np.asarray(steps, float))
        log_n = float(np.log(params / self.size))
        view, x = Sized.by(LRHistory.of(schedule, steps), log_n), self.posterior.mean
        loss, slopes = self.law.at(view, x)
        by_own = self.law.curve.at(view, self.law.own(x, log_n)[0])[1]
        spread = SETUP * np.array([sd for _, sd in self.law.curve.typical.values()])
        spread[0] = RUN_LEVEL
        variance = np.einsum("mp,pq,mq->m", slopes, self.posterior.covariance, slopes) / loss**2
        variance += np.sum((by_own * spread) ** 2, axis=1) / loss**2 + unseen.cautious.misfit(steps) ** 2
        away = np.exp(QUANTILE * np.sqrt(variance))
        return Band(loss, loss / away, loss * away)

    @property
    def values(self) -> dict[str, Interval]:
        """Each constant with its 90 % interval; slopes in log N as they are, all others as exponentials."""
        x, sd = self.posterior.mean, np.sqrt(np.diag(self.posterior.covariance))
        found = {}
        for name, mid, away in zip(self.law.parameters, x, QUANTILE * sd, strict=True):
            value = Interval(float(mid), float(mid - away), float(mid + away))
            found[name] = value if name.endswith("of N") else value.map(math.exp)
        return found


def fit_joint(runs: Sequence[Finished], law: str = BEST, last_only: bool = False) -> Joint:
    """Fit one joint law to the curves of `runs`; with `last_only` to their final losses alone, for comparison.

    Raises ValueError for runs of a single size, which cannot show what size does, and where no curve is left."""
    curve = curve_laws()[law]
    joint = JointLaw(curve)
    sizes = np.array([run.setup.params for run in runs], float)
    if len(runs) == 0 or np.ptp(np.log(sizes)) < 0.05:
        raise CannotForecast(
            "the joint law needs finished runs of at least two sizes: one size does not show the effect of size"
        )
    size = float(np.exp(np.unique(np.log(sizes)).mean()))
    observed = []
    for run in runs:
        keep = slice(-1, None) if last_only else slice(None)
        one = Observed.of(run.steps[keep], run.losses[keep], run.schedule)
        if len(one.steps) and curve.supports(one.view):
            one.__dict__["view"] = Sized.by(one.view, float(np.log(run.setup.params / size)))
            observed.append(one)
    if not observed:
        raise CannotForecast(f"no run has losses after its warm-up that the {curve.title} can describe")
    lowest = min(float(one.loss[-1]) for one in observed)
    # a fit asks a law for `at` alone
    posterior = fit_curves(cast(CurveLaw, joint), observed, joint.prior(lowest), steps=200)
    return Joint(joint, posterior, size)
