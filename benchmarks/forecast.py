"""Back-test the forecast of the final loss on any folder of loss curves.

    python -m benchmarks.forecast --curves DIR --library {none,other,same} [--at 0.2,0.3,0.5,0.7,0.9] [--split
    published] [--json | --markdown]

Each run that is not constant is seen up to a fraction of its steps, with its whole learning-rate schedule known, and
its final loss is forecast. `none` uses the shipped prior alone (without this folder, where the folder is one it was
made from), `other` adds the finished runs of the folder's other setups, `same` the other runs of the same setup too.
The naive law is the power law in steps, fitted to the same points; `last` is the median of the last three losses, and
`ratio` that times the median ratio of the end to it over the library's runs of the same setup, else of the project.
The index may name each run's `project` and `loss_kind`. `--split published` fits the runs marked `train`
in the index and predicts those marked `test`."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from barograph.dashboard.analysis.forecasting.curve_folders import Curve, read_set
from barograph.dashboard.analysis.forecasting.fit import fit
from barograph.dashboard.analysis.forecasting.forecast import forecast
from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.observe import Observed
from barograph.dashboard.analysis.forecasting.population import BEST, Library, shipped
from barograph.dashboard.analysis.forecasting.prior import Setup, prior
from barograph.dashboard.analysis.forecasting.schedule import LRHistory

RESAMPLES = 2000  # of runs, for the interval of the coverage


def naive(curve: Curve, at: float) -> tuple[float, float]:
    """The power law in steps fitted by Huber on log loss, and the half-width of its usual 90 % interval."""
    keep = (curve.steps <= at) & (curve.steps > curve.schedule.warmup)
    if keep.sum() < 4:
        keep = (curve.steps <= at) & (curve.steps > 0)
    steps, logs = curve.steps[keep] / curve.end, np.log(curve.losses[keep])

    def residual(x):
        return np.log(np.exp(x[0]) + np.exp(x[1]) * steps ** -np.exp(x[2])) - logs

    start = [np.log(0.9 * curve.losses[keep][-1]), np.log(0.1 * curve.losses[keep][-1]), np.log(0.5)]
    level = start[0]  # a loss in any unit
    bounds = ([level - 5, level - 12, -4], [level + 5, level + 5, 1.5])
    found = least_squares(residual, start, loss="huber", f_scale=1e-3, bounds=bounds)
    level, size, _ = np.exp(found.x)
    slope = np.array([level, size, 0.0]) / (level + size)
    variance = np.sum(residual(found.x) ** 2) / max(len(logs) - 3, 1)
    sd = np.sqrt(slope @ np.linalg.pinv(found.jac.T @ found.jac) @ slope * variance + variance)
    return level + size, 1.645 * sd * (level + size)


def last_seen(curve: Curve, fraction: float) -> float | None:
    """The median of the last three losses at a fraction of the run; None where fewer were seen."""
    seen = curve.losses[curve.steps <= int(fraction * curve.total)]
    return float(np.median(seen[-3:])) if len(seen) >= 3 else None


def usual_ratio(near: list[Curve], fraction: float) -> float:
    """The median over runs of their final loss as a share of what was last seen at this fraction; 1 without runs."""
    ratios = [one.truth / then for one in near if (then := last_seen(one, fraction)) is not None]
    return float(np.median(ratios)) if ratios else 1.0


class Libraries:
    """The libraries that forecasts may use: each setup is fitted once, whichever run is foretold."""

    def __init__(self, curves: list[Curve], kind: str, base: Library):
        self.curves, self.kind, self.base = curves, kind, base
        setups = dict.fromkeys(curve.setup for curve in curves) if kind != "none" else {}
        self._fitted = {setup: base.plus([one for one in curves if one.setup == setup]) for setup in setups}
        self._other: dict[Setup, Library] = {}

    def behind(self, curve: Curve) -> Library:
        """The library for a forecast of `curve`."""
        if self.kind == "none":
            return self.base
        if curve.setup not in self._other:
            self._other[curve.setup] = self.base.joined(
                library for setup, library in self._fitted.items() if setup != curve.setup
            )
        other = self._other[curve.setup]
        return other.plus(self._siblings(curve)) if self.kind == "same" else other

    def nearest(self, curve: Curve) -> list[Curve]:
        """The library's runs of the same setup; where there are none, those of the project with its kind of loss."""
        if self.kind == "none":
            return []
        project = [
            one
            for one in self.curves
            if one.setup != curve.setup
            and (one.setup.project, one.setup.loss_kind) == (curve.setup.project, curve.setup.loss_kind)
        ]
        return (self.kind == "same" and self._siblings(curve)) or project

    def _siblings(self, curve: Curve) -> list[Curve]:
        return [one for one in self.curves if one.setup == curve.setup and one is not curve]


def score(rows: list[dict], seed: int = 0) -> dict:
    """The figures of one fraction, with a bootstrap over runs for both coverages."""
    error = np.array([100 * abs(row["mid"] / row["truth"] - 1) for row in rows])
    width = np.array([100 * (row["high"] - row["low"]) / row["truth"] for row in rows])
    outside = np.array(
        [100 * max(row["low"] - row["truth"], row["truth"] - row["high"], 0) / row["truth"] for row in rows]
    )
    inside90, inside50 = outside == 0, np.array([row["low50"] <= row["truth"] <= row["high50"] for row in rows])
    draws = np.random.default_rng(seed).integers(0, len(rows), (RESAMPLES, len(rows)))
    naive_error = np.array([100 * abs(row["naive"] / row["truth"] - 1) for row in rows])
    anchors = {
        f"{name}_{figure}_abs_pct": reduce([100 * abs(row[name] / row["truth"] - 1) for row in rows])
        for name in ("last", "ratio")
        for figure, reduce in (("mean", np.mean), ("median", np.median))
    }
    naive_half = np.array([100 * row["naive_half"] / row["truth"] for row in rows])
    return {
        "mean_abs_pct": error.mean(),
        "median_abs_pct": np.median(error),
        "worst_abs_pct": error.max(),
        "coverage90": inside90.mean(),
        "coverage90_interval": np.quantile(inside90[draws].mean(1), [0.05, 0.95]).tolist(),
        "coverage50": inside50.mean(),
        "coverage50_interval": np.quantile(inside50[draws].mean(1), [0.05, 0.95]).tolist(),
        "mean_width90_pct": width.mean(),
        "interval_score90": (width + 20 * outside).mean(),
        "naive_mean_abs_pct": naive_error.mean(),
        "naive_interval_score90": (2 * naive_half + 20 * np.maximum(naive_error - naive_half, 0)).mean(),
        **anchors,
    }


def backtest(curves: list[Curve], folder: str, kind: str, fractions: list[float]) -> dict:
    libraries, rows, refused, seconds = Libraries(curves, kind, shipped(without=folder)), [], [], []
    tested = [one for one in curves if one.row["schedule"] != "constant"]
    for curve in tested:
        library, nearest = libraries.behind(curve), libraries.nearest(curve)
        for fraction in fractions:
            at, started = int(fraction * curve.total), time.perf_counter()
            made = forecast(
                curve.steps, curve.losses, curve.schedule, setup=curve.setup, library=library, at=at, for_step=curve.end
            )
            seconds.append(time.perf_counter() - started)
            about = {
                "run": curve.name,
                "project": curve.setup.project,
                "loss_kind": curve.setup.loss_kind,
                "at": fraction,
                "verdict": made.verdict.name,
            }
            if made.mid is None:
                refused.append(about)
                continue
            guess, half = naive(curve, at)
            last = last_seen(curve, fraction) or float(curve.losses[curve.steps <= at][-1])
            rows.append(
                about
                | {
                    "low": made.low90,
                    "mid": made.mid,
                    "high": made.high90,
                    "low50": made.low50,
                    "high50": made.high50,
                    "truth": curve.truth,
                    "law": made.law,
                    "naive": guess,
                    "naive_half": half,
                    "last": last,
                    "ratio": last * usual_ratio(nearest, fraction),
                }
            )
    cells = {}
    for row in rows:
        cells.setdefault(f"{row['project']}/{row['loss_kind']}", []).append(row)
    by_fraction = {
        f"{fraction:g}": score([row for row in rows if row["at"] == fraction])
        for fraction in fractions
        if any(row["at"] == fraction for row in rows)
    }
    return {
        "n_runs": len(tested),
        "refused": len(refused),
        "refusals": refused,
        "seconds_per_fit": float(np.mean(seconds)),
        "by_fraction": by_fraction,
        "by_project": {
            cell: {
                f"{fraction:g}": score(found)
                for fraction in fractions
                if (found := [row for row in own if row["at"] == fraction])
            }
            | {"all": score(own)}
            for cell, own in cells.items()
        },
        "all": score(rows) if rows else {},
        "runs": rows,
    }


def published(curves: list[Curve], folder: str) -> dict:
    """Fit the best law to the published training curves of each setup, predict its test curves."""
    base, result, law = shipped(without=folder), {}, known_laws()[BEST]
    for setup in dict.fromkeys(curve.setup for curve in curves):
        train = [one for one in curves if one.setup == setup and one.row.get("published_role") == "train"]
        test = [one for one in curves if one.setup == setup and one.row.get("published_role") == "test"]
        if not train or not test:
            continue
        started = time.perf_counter()
        observed = [Observed.of(one.steps, one.losses, one.schedule) for one in train]
        level = float(np.median([one.loss[-1] for one in observed]))
        found = fit(law, observed, prior(law, setup, list(base.known[BEST]), level))
        seconds, errors, finals, r2 = time.perf_counter() - started, [], [], []
        for one in test:
            predicted = law.at(LRHistory.of(one.schedule, one.steps), found.mean)[0]
            residual = predicted - one.losses
            errors.append(np.abs(residual).mean())
            finals.append(100 * abs(predicted[-1] / one.losses[-1] - 1))
            r2.append(1 - np.sum(residual**2) / np.sum((one.losses - one.losses.mean()) ** 2))
        result[setup.name] = {
            "mae": float(np.mean(errors)),
            "r2": float(np.mean(r2)),
            "final_pct": float(np.mean(finals)),
            "worst_pct": float(np.max(finals)),
            "seconds": seconds,
        }
    if not result:
        raise ValueError("no run of this folder has a published_role of train and test")
    return result


def markdown(result: dict, library: str) -> list[str]:
    """A row of a table for each project and kind of loss: the median error in % and, in brackets, that of the better
    anchor, at each fraction; then the share of the truths that the 90 % intervals held.
    """
    rows = []
    for cell, by in result["by_project"].items():
        figures = [
            f"{one['median_abs_pct']:.2f} ({min(one['last_median_abs_pct'], one['ratio_median_abs_pct']):.2f})"
            for fraction, one in by.items()
            if fraction != "all"
        ]
        rows.append(f"| {' | '.join([cell, library, *figures, format(by['all']['coverage90'], '.0%')])} |")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--curves", type=Path, required=True)
    parser.add_argument("--library", choices=("none", "other", "same"), default="none")
    parser.add_argument("--split", choices=("published",))
    parser.add_argument("--at", default="0.2,0.3,0.5,0.7,0.9")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", action="store_true", help="rows of the documentation's page of back-tests")
    arguments = parser.parse_args()
    curves, folder = read_set(arguments.curves), arguments.curves.resolve().name
    if arguments.split:
        result = published(curves, folder)
    else:
        result = backtest(curves, folder, arguments.library, [float(part) for part in arguments.at.split(",")])
    if arguments.markdown:
        print(*markdown(result, arguments.library), sep="\n")
        return
    if arguments.json:
        print(json.dumps(result, indent=1, default=float))
        return
    for name, figures in (result if arguments.split else {**result["by_fraction"], "all": result["all"]}).items():
        print(
            f"{name:>6} "
            + "  ".join(f"{key} {value:.3f}" for key, value in figures.items() if not isinstance(value, list))
        )
    if not arguments.split and len(result["by_project"]) > 1:
        for cell, by in result["by_project"].items():
            for name, figures in by.items():
                shown = ("median_abs_pct", "last_median_abs_pct", "ratio_median_abs_pct", "coverage90")
                print(f"{cell} {name:>4} " + "  ".join(f"{key} {figures[key]:.2f}" for key in shown))
    if not arguments.split:
        print(f"{result['n_runs']} runs, {result['refused']} refused, {result['seconds_per_fit']:.3f} s a forecast")


if __name__ == "__main__":
    main()
