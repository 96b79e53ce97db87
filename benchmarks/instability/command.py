"""How well instabilities are found, on logs, on a zoo of runs made for it, and how fast.

    python -m benchmarks.instability --curves DIR [--every K] [--json]
    python -m benchmarks.instability --zoo zoo.db [--json]
    python -m benchmarks.instability --speed [--json]

`--curves` scores a folder of step logs against its flags (`benchmarks.instability.curves` says by which rules), thinned
to each K-th row where `--every` says so, `--zoo`
the runs of `python -m benchmarks.zoo` (`benchmarks.instability.zoo`), `--speed` times all detectors on a million steps
of loss, gradient norm and learning rate beside one rolling median of pandas over the same losses."""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

STEPS, PIECE, REPEATS = 1_000_000, 100_000, 3


def speed() -> dict:
    """Seconds of each detector on a million steps, the best of three, shown in ten pieces."""
    import numpy as np
    import pandas as pd

    from barograph.dashboard.analysis.detectors import discover
    from barograph.dashboard.analysis.detectors.detector import Facts, News

    rng = np.random.default_rng(0)
    steps = np.arange(STEPS)
    rate = 1e-3 * np.minimum(1, (steps + 1) / 2000) * (0.55 + 0.45 * np.cos(np.pi * steps / STEPS))
    columns = {
        "loss": 2 + 3 * (1 + steps / 500) ** -0.4 + 0.05 * rng.standard_normal(STEPS),
        "grad_norm": rng.lognormal(0, 0.2, STEPS),
        "lr": rate,
    }
    parts = {"loss": (), "grad_norm": (), "lr": ("0",)}
    news = [
        News(lo + PIECE - 1, {k: {parts[k]: (steps[lo : lo + PIECE], v[lo : lo + PIECE])} for k, v in columns.items()})
        for lo in range(0, STEPS, PIECE)
    ]
    seconds: dict[str, float] = {}
    medians = []
    for _ in range(REPEATS):
        for name, detector in discover().items():
            watch, began = detector.start(Facts(planned=STEPS)), time.perf_counter()
            for piece in news:
                watch.see(piece)
            seconds[name] = min(seconds.get(name, math.inf), time.perf_counter() - began)
        began = time.perf_counter()
        pd.Series(columns["loss"]).rolling(128).median()
        medians.append(time.perf_counter() - began)
    total = sum(seconds.values())
    return {
        "steps": STEPS,
        "seconds": total,
        "pandas_rolling_median_seconds": min(medians),
        "ratio": total / min(medians),
        "by_detector": seconds,
    }


def clean(value):
    """NaN and infinity as null, for strict readers of JSON."""
    if isinstance(value, dict):
        return {str(key): clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def show(found: dict) -> None:
    """The figures as text, one a line; tables of rules and runs as they come."""
    for name, value in found.items():
        if isinstance(value, list) and value and isinstance(value[0], dict | str):
            print(f"{name}:")
            for row in value:
                print("   ", row if isinstance(row, str) else "  ".join(f"{k} {text(v)}" for k, v in row.items()))
        elif isinstance(value, dict):
            print(f"{name}:")
            for key, one in value.items():
                print(f"    {key}: {text(one)}")
        else:
            print(f"{name}: {text(value)}")


def text(value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.instability",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--curves", type=Path, help="a folder of step logs with index.csv")
    what.add_argument("--zoo", type=Path, help="a store made by benchmarks.zoo")
    what.add_argument("--speed", action="store_true")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="judge each K-th row of the step logs alone")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.every < 1:
        parser.error("--every is a number of rows: 1 or more")
    if asked.speed:
        found = speed()
    elif asked.curves:
        from benchmarks.instability.curves import score

        found = score(asked.curves, asked.every)
    else:
        from benchmarks.instability.zoo import score

        found = score(asked.zoo)
    if asked.json:
        print(json.dumps(clean(found), indent=1, allow_nan=False))
    else:
        show(found)
