"""Make `population.json` from folders of public loss curves: what is known of each setup, and the calibration.

    python -m barograph.dashboard.analysis.forecasting.make_population --curves DIR [--every 4]

The calibration comes from forecasts of runs whose whole set was left out of the population (with no library, with the
other setups of the set, with the other runs of the setup). It is made once for all sets and once without each set, so
that any of them can be left out of everything."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.stats import t as student

from .curve_folders import read_ladder, read_set
from .forecast import forecast
from .population import TABLE, Calibration, Library, empty
from .prior import Finished

SEED_FLOOR = 6e-4  # the same run with another seed ends .04 % away; both ends of a comparison have it
FRACTIONS = (0.2, 0.3, 0.5, 0.7, 0.9)
PARTS = {"own": Calibration(1, 0, 0, 1, 1), "laws": Calibration(0, 1, 0, 1, 1)}  # each part of the sd by itself


def read_sets(folder: Path) -> dict[str, list[Finished]]:
    sets: dict[str, list[Finished]] = {}
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        if (path / "index.csv").exists() and "peak_lr" in (path / "index.csv").read_text().partition("\n")[0]:
            sets[path.name] = list(read_set(path))
        elif any(path.glob("*xC.csv")):
            sets[path.name] = read_ladder(path)
    return sets


def misses(
    sets: dict[str, list[Finished]], name: str, without: str, fitted: dict[str, Library], every: int
) -> np.ndarray:
    """Rows (error, sd of the fit, spread of the laws), relative to the loss, of forecasts of a set that was left
    out.
    """
    base = _joined([fitted[other] for other in sets if other not in (name, without)])
    rows = []
    for run in [run for run in sets[name] if np.ptp(run.schedule.eta[run.schedule.warmup :]) > 0][::every]:
        others = [one for one in sets[name] if one.setup != run.setup]
        same = [one for one in sets[name] if one.setup == run.setup and one is not run]
        for library in (base, base.plus(others), base.plus(others + same)):
            for fraction in FRACTIONS:
                made = forecast(
                    run.steps,
                    run.losses,
                    run.schedule,
                    setup=run.setup,
                    library=library,
                    at=int(fraction * run.schedule.total),
                    for_step=int(run.steps[-2]),
                )
                if made.mid is None:
                    continue
                truth = run.losses[-3:].mean()
                parts = [
                    replace(made, library=replace(library, calibration=part)).curve([made.for_step])
                    for part in PARTS.values()
                ]
                rows.append([made.mid / truth - 1, *((part.high90 - part.mid)[0] / truth for part in parts)])
    return np.array(rows)


def calibrate(rows: np.ndarray) -> Calibration:
    """The three widths by maximum likelihood under heavy tails, then the quantiles of what they leave."""
    error, own, spread = rows.T

    def sd(widths: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt((widths[0] * own) ** 2 + (widths[1] * spread) ** 2 + widths[2] ** 2))

    def cost(logs: np.ndarray) -> float:
        size = sd(np.exp(logs))
        # a weak pull to 1 keeps a width that the rows do not show from vanishing
        return float(-np.mean(student.logpdf(error / size, 5) - np.log(size)) + 0.01 * np.sum(logs[:2] ** 2))

    widths = np.exp(minimize(cost, np.log([0.7, 0.5, 1e-3])).x)
    widths[2] = max(widths[2], SEED_FLOOR)
    # runs of a setup miss together, so a quantile over so few setups is itself uncertain: aim above 90 %
    half, most = np.quantile(np.abs(error) / sd(widths), [0.5, 0.95])
    return Calibration(*(round(float(number), 5) for number in (*widths, half, most)))


def _joined(libraries: list[Library]) -> Library:
    known = {name: tuple(row for one in libraries for row in one.known[name]) for name in libraries[0].known}
    projects = frozenset(row.setup.project for rows in known.values() for row in rows)
    return replace(libraries[0], known=known, runs={}, population=projects)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--curves", type=Path, required=True)
    parser.add_argument("--every", type=int, default=4, help="calibrate on every n-th run of a set")
    arguments = parser.parse_args()
    sets = read_sets(arguments.curves)
    neutral = Calibration(1, 1, 1e-3, 0.67, 1.64)
    fitted = {name: empty(neutral).plus(runs) for name, runs in sets.items()}
    calibration = {}
    for without in ("", *sets):
        rows = [misses(sets, name, without, fitted, arguments.every) for name in sets if name != without]
        calibration[without] = asdict(calibrate(np.concatenate(rows)))
        print(without or "all", sum(map(len, rows)), calibration[without], flush=True)
    known = {}
    for name in fitted[next(iter(sets))].known:
        known[name] = [
            {
                "setup": asdict(one.setup),
                "mean": one.mean.round(4).tolist(),
                "covariance": one.covariance.round(7).tolist(),
            }
            for library in fitted.values()
            for one in library.known[name]
        ]
    TABLE.write_text(
        json.dumps({"calibration": calibration, "known": known}, indent=None, separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
