"""Make `small_models.json` from the curves of small language models.

    python -m benchmarks.demo_runs --others --out DIR
    python -m barograph.dashboard.analysis.forecasting.make_small_models --curves DIR

A noisy curve is kept as means over about a hundred equal pieces, its learning rate as a hundred knots."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from .curve_folders import Curve, read_set
from .small_models import TABLE

KEPT = 100  # points of a curve


def row_of(curve: Curve) -> dict[str, Any]:
    """One curve as a row of the table."""
    size = max(len(curve.steps) // KEPT, 1)
    whole = len(curve.steps) // size * size
    steps, losses = (column[-whole:].reshape(-1, size).mean(axis=1) for column in (curve.steps, curve.losses))
    places = np.unique(np.linspace(0, curve.schedule.total, KEPT).astype(int))
    rates = np.interp(places, curve.schedule.steps, curve.schedule.lr)
    return {
        "setup": asdict(curve.setup),
        "warmup": curve.schedule.warmup,
        "lr": [places.tolist(), [float(f"{rate:.4g}") for rate in rates]],
        "steps": [float(f"{step:.6g}") for step in steps],
        "losses": [float(f"{loss:.5g}") for loss in losses],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--curves", type=Path, required=True)
    folders = sorted(path.parent for path in parser.parse_args().curves.glob("*/index.csv"))
    rows = [row_of(curve) for folder in folders for curve in read_set(folder)]
    TABLE.write_text(json.dumps(rows, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
