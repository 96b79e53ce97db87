"""What is known from finished runs: the shipped population of public runs, and a user's own library on top.

`population.json` holds one row a law and setup (public runs; see `make_population.py`, which made it) and the
calibration."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from .fit import Posterior, fit
from .law import known_laws
from .observe import Observed
from .prior import Finished, KnownSetup, Setup, prior
from .shapes import Course

TABLE = Path(__file__).with_name("population.json")
BEST = "river"  # the law that predicted held-out runs best
WEIGHTS = {BEST: 0.8, "mpl": 0.2}  # of the laws in a forecast: a little of a second one did better still early in a run
LAWFUL, MISSED = 0.002, 0.006  # relative to the loss: laws miss language models by less, other kinds of run by more
USUAL = (0.5, 12.0)  # nats per token; a loss in other units is fitted as a multiple of its own level
CHECK = "mtl"  # fitted beside them for the disagreement of the laws


@dataclass(frozen=True)
class Calibration:
    """How standard deviations become intervals, from forecasts of runs whose whole set was left out.

    sd^2 = (parameters * sd of the fit)^2 + (laws * spread between laws)^2 + floor^2, all relative to the loss; an
    interval is mid +- quantile * sd.
    """

    parameters: float
    laws: float
    floor: float
    half: float  # quantile for 50 %
    most: float  # quantile for 90 %


@dataclass(frozen=True, eq=False)
class Library:
    """Fitted setups by law, the calibration, how many finished runs stand behind each (project, setup), and how the
    runs of each (project, kind of loss) went.
    """

    known: dict[str, tuple[KnownSetup, ...]]
    calibration: Calibration
    runs: dict[tuple[str, str], int]
    population: frozenset[str]
    courses: dict[tuple[str, str], tuple[Course, ...]] = field(default_factory=dict)

    def about(self, law: str, setup: Setup, unit: float = 1.0) -> list[KnownSetup]:
        """What is known for a run of `setup` in `unit`: the population, and its project's runs with its kind of loss.

        What the population knows is a multiple of the usual level in any unit."""
        return [one if self._public(one) else one.in_unit(unit) for one in self.known[law] if self._near(one, setup)]

    def _public(self, one: KnownSetup) -> bool:
        return one.setup.project in self.population

    def _near(self, one: KnownSetup, setup: Setup) -> bool:
        own = one.setup.project == setup.project and one.setup.loss_kind == setup.loss_kind
        return own or self._public(one)

    def without(self, setup: Setup) -> Library:
        """This library without what the runs of the project of `setup` tell the laws."""
        known = {name: tuple(one for one in rows if self._public(one)) for name, rows in self.known.items()}
        runs = {key: count for key, count in self.runs.items() if key[0] != setup.project}
        return replace(self, known=known, runs=runs)

    def public(self) -> list[Setup]:
        """The setups of the public runs."""
        return [one.setup for one in self.known[BEST] if self._public(one)]

    def lawful(self, setup: Setup) -> bool | None:
        """Whether the best law describes the project's finished runs as it does language models; None: in doubt."""
        own = [one for one in self.known[BEST] if self._near(one, setup) and not self._public(one)]
        if own and np.median([one.miss for one in own]) >= MISSED:
            return False
        return True if own and np.median([np.hypot(one.miss, one.noise) for one in own]) <= LAWFUL else None

    def like(self, setup: Setup) -> list[Course]:
        """The finished runs of the project of `setup` with its kind of loss."""
        return list(self.courses.get((setup.project, setup.loss_kind), ()))

    def joined(self, others: Iterable[Library]) -> Library:
        """This library and what each of `others`, made from it by `plus`, adds to it."""
        known, runs, courses = dict(self.known), dict(self.runs), dict(self.courses)
        for other in others:
            for name in known:
                known[name] += other.known[name][len(self.known[name]) :]
            runs |= other.runs
            for key, more in other.courses.items():
                courses[key] = courses.get(key, ()) + more[len(self.courses.get(key, ())) :]
        return replace(self, known=known, runs=runs, courses=courses)

    def plus(self, finished: list[Finished]) -> Library:
        """This library and the setups of more finished runs, each setup fitted jointly over its runs."""
        groups: dict[Setup, list[Finished]] = {}
        for run in finished:
            groups.setdefault(run.setup, []).append(run)
        known, counts, courses = dict(self.known), dict(self.runs), dict(self.courses)
        for run in finished:
            key = run.setup.project, run.setup.loss_kind
            courses[key] = (*courses.get(key, ()), Course.of(run.steps, run.losses, run.schedule, run.setup))
        for setup, runs in groups.items():
            observed = [
                one for one in (Observed.of(r.steps, r.losses, r.schedule) for r in runs) if len(one.steps) >= 8
            ]
            if not observed:
                continue
            counts[setup.project, setup.name] = len(observed)
            level = float(np.median([one.loss[-1] for one in observed]))
            unit = unit_of(level)
            observed, level = [replace(one, loss=one.loss / unit) for one in observed], level / unit
            for name, law in ((name, known_laws()[name]) for name in (*WEIGHTS, CHECK)):
                usable = [one for one in observed if law.supports(one.view)]
                if usable:
                    found = fit(law, usable, prior(law, setup, self.about(name, setup, unit), level))
                    miss = float(np.sqrt(np.mean([missed(found, one) ** 2 for one in usable])))
                    noise = float(np.sqrt(np.mean(np.concatenate([one.white for one in usable]))))
                    known[name] = (*known[name], KnownSetup(found.mean, found.covariance, setup, unit, miss, noise))
        return Library(known, self.calibration, counts, self.population, courses)


def unit_of(level: float) -> float:
    """What losses around `level` are divided by: 1 in the usual range, else so that the level becomes 3."""
    return 1.0 if USUAL[0] < level < USUAL[1] else level / 3


def missed(found: Posterior, run: Observed) -> float:
    """Standard deviation of the losses of the second half around the law, without their noise."""
    late = run.steps > run.steps[-1] / 2
    away = (run.loss / found.law.at(run.view, found.mean)[0] - 1)[late]
    return float(np.sqrt(max(np.mean(away**2) - np.mean(run.white[late]), 0.0)))


@cache
def shipped(without: str = "") -> Library:
    """The population behind a first forecast; `without` leaves one of its sets out, calibration included."""
    table = json.loads(TABLE.read_text())
    known = {
        name: tuple(
            KnownSetup(np.array(row["mean"]), np.array(row["covariance"]), Setup(**row["setup"]))
            for row in rows
            if row["setup"]["project"] != without
        )
        for name, rows in table["known"].items()
    }
    key = without if without in table["calibration"] else ""
    projects = frozenset(one.setup.project for rows in known.values() for one in rows)
    return Library(known, Calibration(**table["calibration"][key]), {}, projects)


def empty(calibration: Calibration) -> Library:
    """No population at all: the laws' own typical values."""
    return Library({name: () for name in (*WEIGHTS, CHECK)}, calibration, {}, frozenset())
