"""Fit a scaling law to a table of finished runs, or whole curves of several setups, and say how far it can be trusted.

    python -m benchmarks.scaling --table FILE.csv --law chinchilla [--holdout-above FLOPS] [--json]
    python -m benchmarks.scaling --curves DIR --law joint --predict-setup NAME [--json]

The table has columns params, tokens, loss and, where the law needs them, unique_tokens, steps, batch, width ...;
`group` names the setup of a run: runs of several groups are refused unless one is chosen (`--group`) or they may be
mixed (`--mix`). `--hold NAME=VALUE` keeps a constant where it is. A folder of curves is as `benchmarks.forecast` takes
it. Intervals are for 90 %."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from dashboard.laws.scaling import fit, hold_out, read_table
from dashboard.laws.scaling.law import laws


def table(arguments) -> dict:
    """The fit to a table, with the hold-out check where it was asked for."""
    rows = read_table(arguments.table.read_text())
    if arguments.group:
        rows = rows.group(arguments.group)
    held = dict(pair.split("=", 1) for pair in arguments.hold)
    options = {"held": {name: float(value) for name, value in held.items()}, "mix": arguments.mix}
    started = time.perf_counter()
    fitted = fit(arguments.law, rows, **options)
    seconds = time.perf_counter() - started
    used = fitted.table
    result = {
        "parameters": fitted.values,
        "intervals": fitted.intervals(),
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
        "said": list(fitted.said),
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--table", type=Path)
    source.add_argument("--curves", type=Path)
    parser.add_argument("--law", choices=[*laws(), "joint"], required=True)
    parser.add_argument("--holdout-above", type=float, metavar="FLOPS")
    parser.add_argument("--predict-setup", metavar="NAME")
    parser.add_argument("--group")
    parser.add_argument("--mix", action="store_true")
    parser.add_argument("--hold", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        result = table(arguments)
    except (ValueError, OSError) as error:
        sys.exit(f"scaling: {error}")
    if arguments.json:
        print(json.dumps(result, indent=1, default=float))
        return
    for name, value in result["parameters"].items():
        low, high = result["intervals"][name]
        print(f"{name:>8} {value:12.5g}   {low:.5g} to {high:.5g}")
    for row in result["outliers"]:
        print(f"outlier: {row['row']}, {row['away_pct']:+.1f} % from the law")
    for row in result.get("holdout", []):
        print(f"{row['row']:>30} {row['truth']:.4f} predicted {row['mid']:.4f}, {row['low']:.4f} to {row['high']:.4f}")
    if "holdout" in result:
        print(f"hold-out: mean error {result['mean_abs_pct']:.2f} %, {result['coverage90']:.0%} inside the interval")
    print(*result["said"], f"{result['runs']} runs, {result['seconds']:.2f} s", sep="\n")


if __name__ == "__main__":
    main()
