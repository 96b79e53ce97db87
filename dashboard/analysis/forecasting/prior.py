"""What earlier runs say about a run's parameters before it shows them: population, then project, then setup."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import numpy as np

from .fit import Gaussian
from .law import Law
from .schedule import Schedule

# Standard deviations of a parameter, as shares of its `typical` one
PER_LR, PER_SIZE = 0.4, 0.2  # per e-fold of peak LR and of model size, the same for all projects
PROJECT = 0.5  # between projects
PROJECT_PER_LR, PROJECT_PER_SIZE = 0.5, 0.3  # per e-fold, in one project
SETUP, RUN = 0.07, 0.04  # between setups of a project, between runs of a setup
RUN_LEVEL = 0.002  # of log L0 between runs of a setup: seeds and what the law misses
LEFT, LEFT_SPREAD = 0.85, 0.3  # L0 as a share of the loss last seen
REACH = 4.0  # e-folds from the middle of the public runs beyond which a trend is not followed


@dataclass(frozen=True)
class Setup:
    """What is known of a run before it starts.

    Runs with the same `project` and `name` differ in nothing but seed and schedule: model, data, batch, context,
    optimizer and kind of loss belong into the name, or are said by the caller to be the same by giving the same one.
    Runs with another `loss_kind` (validation, train, a task's) say nothing about each other, whatever their names.
    """

    name: str
    project: str = ""
    peak_lr: float = 5e-4
    params: float = 1e8
    optimizer: str = "adamw"
    loss_kind: str = "validation"


@dataclass(frozen=True, eq=False)
class Finished:
    """One finished run of a library."""

    steps: np.ndarray
    losses: np.ndarray
    schedule: Schedule
    setup: Setup


@dataclass(frozen=True, eq=False)
class KnownSetup(Gaussian):
    """The parameters of one law in one setup, from its finished runs: losses as multiples of `unit`, which the law
    missed by `miss` (standard deviation, relative to the loss).
    """

    setup: Setup
    unit: float = 1.0
    miss: float = 0.0
    noise: float = 0.0  # below which a miss cannot be seen

    def in_unit(self, unit: float) -> KnownSetup:
        """The same for losses in multiples of `unit`: what has the dimension of a loss (L0, A, D) changes."""
        mean = self.mean.copy()
        mean[[0, 1, 3]] += np.log(self.unit / unit)
        return replace(self, mean=mean, unit=unit)


def prior(law: Law, setup: Setup, known: list[KnownSetup], level: float, anchored: bool = True) -> Gaussian:
    """The distribution of a new run's log parameters given those of other setups: Gaussian-process regression.

    The covariance of a parameter between two setups is the sum of what all runs share, a linear trend in log peak LR
    and log size whose slope is itself unknown, what the runs of one project share, and what the runs of one setup
    share. So runs of the same setup count most and far ones pull only as far as the spread between setups allows;
    with nothing known it falls back on `typical`. `level` is the loss last seen, near which L0 is `anchored`."""
    centre = np.log([middle for middle, _ in law.typical.values()])
    centre[0] = np.log(LEFT * level)
    spread = np.array([sd for _, sd in law.typical.values()])
    setups = [setup, *(one.setup for one in known)]
    place = np.clip(np.log([[one.peak_lr / 5e-4, one.params / 1e8] for one in setups]), -REACH, REACH)

    def same(key: Callable[[Setup], Hashable]) -> np.ndarray:
        return np.array([[key(one) == key(two) for two in setups] for one in setups], float)

    def slopes(*per: float) -> np.ndarray:
        return np.asarray((place * np.square(per)) @ place.T)

    shared = 1 + slopes(PER_LR, PER_SIZE) + SETUP**2 * same(lambda s: (s.project, s.name))
    shared += same(lambda s: s.project) * (PROJECT**2 + slopes(PROJECT_PER_LR, PROJECT_PER_SIZE))
    full, count = np.kron(shared, np.diag(spread**2)), len(centre)
    between_runs = RUN * spread
    between_runs[0] = RUN_LEVEL
    full[:count, :count] += np.diag(between_runs**2)
    own, cross, rest = full[:count, :count], full[:count, count:], full[count:, count:].copy()
    if not known:
        return _near(Gaussian(centre, own), level) if anchored else Gaussian(centre, own)
    for i, one in enumerate(known):
        block = slice(i * count, (i + 1) * count)
        rest[block, block] += one.covariance
    away = np.concatenate([one.mean - centre for one in known])
    weights = np.linalg.solve(rest, cross.T).T
    found = Gaussian(centre + weights @ away, own - weights @ cross.T)
    return _near(found, level) if anchored else found


def _near(found: Gaussian, level: float) -> Gaussian:
    """The same with L0 (the first parameter) within about 30 % of `LEFT` times the loss last seen, whatever other
    setups reach.
    """
    pull = found.covariance[0] / (found.covariance[0, 0] + LEFT_SPREAD**2)
    return Gaussian(
        found.mean + pull * (np.log(LEFT * level) - found.mean[0]),
        found.covariance - np.outer(pull, found.covariance[0]),
    )
