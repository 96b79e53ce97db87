"""Fit a scaling law to a table of finished runs, or whole curves of several setups, and say how far it can be trusted.

    python -m benchmarks.scaling --table FILE.csv --law chinchilla [--holdout-above FLOPS] [--json]
    python -m benchmarks.scaling --curves DIR --law joint --predict-setup NAME [--json]

The table has columns params, tokens, loss and, where the law needs them, unique_tokens, steps, batch, width ...;
`--column loss=loss_c4` says what a column is that is called otherwise. `group` names the setup of a run: runs of
several groups are refused unless one is chosen (`--group`) or they may be mixed (`--mix`). `--robust` leaves outliers
out, which are reported in any case; `--hold NAME=VALUE` keeps a constant where it is. A folder of curves is as
`benchmarks.forecast` takes it. Intervals are for 90 %."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from barograph.dashboard.analysis.forecasting.curve_folders import read_set
from barograph.dashboard.analysis.scaling import fit, fit_joint, hold_out, known_laws, read_table
from barograph.dashboard.analysis.scaling.profile import profile
from barograph.dashboard.analysis.scaling.trend import trend


def table(arguments) -> dict:
    """The fit to a table, with the hold-out check where it was asked for."""
    rows = read_table(arguments.table.read_text(), dict(pair.split("=", 1) for pair in arguments.column))
    if arguments.group:
        rows = rows.group(arguments.group)
    held = dict(pair.split("=", 1) for pair in arguments.hold)
    options = {"held": {name: float(value) for name, value in held.items()}}
    options |= {"mix": arguments.mix, "robust": arguments.robust}
    started = time.perf_counter()
    fitted = fit(arguments.law, rows, **options)
    seconds = time.perf_counter() - started
    used = fitted.table
    result = {
        "parameters": fitted.values,
        "intervals": {name: (one.low, one.high) for name, one in fitted.intervals().items()},
        "profiles": {
            name: (one.low, one.high)
            for name, one in ((name, profile(fitted, name)) for name in fitted.values if name not in fitted.held)
        },
        "huber": fitted.cost,
        "seconds": seconds,
        "outliers": [
            {
                "row": used.names[i],
                **{name: float(used.columns[name][i]) for name in (*fitted.law.columns, "loss")},
                "away_pct": 100 * float(fitted.residuals[i]),
            }
            for i in np.flatnonzero(fitted.out)
        ],
        "runs": len(used),
        "noise_pct": 100 * fitted.noise,
        "said": list(fitted.notes),
        "trend": trend(used.compute, used.loss).kind.value,
    }
    if arguments.holdout_above:
        checked = hold_out(arguments.law, rows, arguments.holdout_above, **options)
        result["holdout"] = [
            {
                "row": checked.table.names[i],
                **{name: float(checked.table.columns[name][i]) for name in ("params", "tokens")},
                "truth": float(checked.table.loss[i]),
                "mid": float(checked.band.mid[i]),
                "low": float(checked.band.low[i]),
                "high": float(checked.band.high[i]),
            }
            for i in range(len(checked.table))
        ]
        result["mean_abs_pct"] = 100 * float(np.abs(checked.errors).mean())
        result["coverage90"] = float(checked.inside.mean())
    return result


def curves(arguments) -> dict:
    """The joint law fitted to the other setups' curves, beside the same law fitted to their final losses alone."""
    runs = read_set(arguments.curves)
    names = list(dict.fromkeys(run.setup.name for run in runs))
    if arguments.predict_setup not in names:
        raise ValueError(f"--predict-setup must be one of {', '.join(names)}")
    known = [run for run in runs if run.setup.name != arguments.predict_setup]
    asked = [run for run in runs if run.setup.name == arguments.predict_setup]
    started = time.perf_counter()
    joint = fit_joint(known)
    seconds = time.perf_counter() - started
    alone = fit_joint(known, last_only=True)
    rows, inside = [], []
    for run in asked:
        made, other = (fitted.predict(run.schedule, run.setup.params, run.steps) for fitted in (joint, alone))
        away, away_other = (100 * np.abs(band.mid / run.losses - 1) for band in (made, other))
        inside.append(float(np.mean((made.low <= run.losses) & (run.losses <= made.high))))
        rows.append(
            {
                "run": run.name,
                "mean_abs_pct": away.mean(),
                "finals_only_mean_abs_pct": away_other.mean(),
                "final": {
                    "truth": run.losses[-1], "mid": made.mid[-1], "low": made.low[-1], "high": made.high[-1],
                    "finals_only": other.mid[-1],
                },
            }
        )  # fmt: skip
    finals = [row["final"] for row in rows]
    return {
        "parameters": {name: value.mid for name, value in joint.values.items()},
        "intervals": {name: (value.low, value.high) for name, value in joint.values.items()},
        "seconds": seconds,
        "fitted_on": len(known),
        "runs": rows,
        "mean_abs_pct": np.mean([row["mean_abs_pct"] for row in rows]),
        "worst_abs_pct": max(row["mean_abs_pct"] for row in rows),
        "final_abs_pct": np.mean([100 * abs(one["mid"] / one["truth"] - 1) for one in finals]),
        "coverage90": np.mean(inside),
        "finals_only_mean_abs_pct": np.mean([row["finals_only_mean_abs_pct"] for row in rows]),
        "finals_only_final_abs_pct": np.mean([100 * abs(one["finals_only"] / one["truth"] - 1) for one in finals]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--table", type=Path)
    source.add_argument("--curves", type=Path)
    parser.add_argument("--law", choices=[*known_laws(), "joint"], required=True)
    parser.add_argument("--holdout-above", type=float, metavar="FLOPS")
    parser.add_argument("--predict-setup", metavar="NAME")
    parser.add_argument("--group")
    parser.add_argument("--mix", action="store_true")
    parser.add_argument("--robust", action="store_true")
    parser.add_argument("--column", action="append", default=[], metavar="ROLE=NAME")
    parser.add_argument("--hold", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        if (arguments.curves is not None) != (arguments.law == "joint"):
            raise ValueError("the law `joint` goes with --curves DIR, the others with --table FILE")
        result = curves(arguments) if arguments.curves else table(arguments)
    except (ValueError, OSError) as error:
        sys.exit(f"scaling: {error}")
    if arguments.json:
        print(json.dumps(result, indent=1, default=float))
    elif arguments.curves:
        for row in result["runs"]:
            print(f"{row['run']:>24} mean error {row['mean_abs_pct']:.2f} %, {row['finals_only_mean_abs_pct']:.2f} % "
                  "from final losses alone")  # fmt: skip
        print(*(f"{name} {value:.3f}" for name, value in result.items() if isinstance(value, float)), sep="\n")
    else:
        told(result)


def told(result: dict) -> None:
    for name, value in result["parameters"].items():
        low, high = result["intervals"][name]
        print(f"{name:>8} {value:12.5g}   {low:.5g} to {high:.5g}")
    for row in result["outliers"]:
        print(f"outlier: {row['row']}, {row['away_pct']:+.1f} % from the law")
    for row in result.get("holdout", []):
        print(f"{row['row']:>30} {row['truth']:.4f} predicted {row['mid']:.4f}, {row['low']:.4f} to {row['high']:.4f}")
    if "holdout" in result:
        print(f"hold-out: mean error {result['mean_abs_pct']:.2f} %, {result['coverage90']:.0%} inside the interval")
    print(*result["said"], result["trend"], f"{result['runs']} runs, {result['seconds']:.2f} s", sep="\n")


if __name__ == "__main__":
    main()
