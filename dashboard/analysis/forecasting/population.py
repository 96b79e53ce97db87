"""What is known from finished runs: the shipped population of public runs, and a user's own library on top.

`population.json` holds one row a law and setup (public runs; see `make_population.py`, which made it) and the
calibration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from .fit import fit
from .law import known_laws
from .observe import Observed
from .prior import Finished, KnownSetup, Setup, prior

TABLE = Path(__file__).with_name("population.json")
BEST = "river"  # the law that predicted held-out runs best
WEIGHTS = {BEST: 0.8, "mpl": 0.2}  # of the laws in a forecast: a little of a second one did better still early in a run
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
    """Fitted setups by law, the calibration, and how many finished runs stand behind each (project, setup)."""

    known: dict[str, tuple[KnownSetup, ...]]
    calibration: Calibration
    runs: dict[tuple[str, str], int]
    population: frozenset[str]

    def plus(self, finished: list[Finished]) -> Library:
        """This library and the setups of more finished runs, each setup fitted jointly over its runs."""
        groups: dict[Setup, list[Finished]] = {}
        for run in finished:
            groups.setdefault(run.setup, []).append(run)
        known, counts = dict(self.known), dict(self.runs)
        for setup, runs in groups.items():
            observed = [
                one for one in (Observed.of(r.steps, r.losses, r.schedule) for r in runs) if len(one.steps) >= 8
            ]
            if not observed:
                continue
            counts[setup.project, setup.name] = len(observed)
            level = float(np.median([one.loss[-1] for one in observed]))
            for name, law in ((name, known_laws()[name]) for name in (*WEIGHTS, CHECK)):
                usable = [one for one in observed if law.supports(one.view)]
                if usable:
                    found = fit(law, usable, prior(law, setup, list(self.known[name]), level))
                    known[name] = (*known[name], KnownSetup(found.mean, found.covariance, setup))
        return Library(known, self.calibration, counts, self.population)


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
