"""What the Scaling page shows of a fitted law: frames for its charts, and tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ....formatting import count
from ...analysis.scaling import Fitted, HeldOut
from ...analysis.scaling.allocation import best_split, contours
from ...analysis.scaling.profile import profile
from ...analysis.scaling.trend import trend

POINTS = 60  # of a curve
LEVELS = 9  # lines of equal loss
BEYOND = 30.0  # how far beyond the runs' compute the charts reach


def constants(made: Fitted) -> pd.DataFrame:
    """The constants with their intervals, by bootstrap and by profile."""
    spans = made.intervals()
    profiles = [None if name in made.held else profile(made, name) for name in made.values]
    return pd.DataFrame(
        {
            "constant": list(made.values),
            "value": list(made.values.values()),
            "90 % low": [one.low for one in spans.values()],
            "90 % high": [one.high for one in spans.values()],
            "profile low": [one.low if one else np.nan for one in profiles],
            "profile high": [one.high if one else np.nan for one in profiles],
            "source": ["fixed" if name in made.held else "fitted" for name in made.values],
        }
    )


def outliers(made: Fitted) -> pd.DataFrame:
    """The runs that lie far from the law through the others, and how far from the fitted one."""
    rows = np.flatnonzero(made.out)
    columns = {name: made.table.columns[name][rows] for name in (*made.law.columns, "loss")}
    return pd.DataFrame(
        {"run": [made.table.names[i] for i in rows], **columns, "residual, %": 100 * made.residuals[rows]}
    )


def checked(found: HeldOut) -> pd.DataFrame:
    """The held-out runs: truth, forecast, interval, error."""
    return pd.DataFrame(
        {
            "run": found.table.names,
            "compute, FLOPs": [f"{one:.2e}" for one in found.table.compute],  # beyond what a cell holds as a number
            "truth": found.table.loss,
            "forecast": found.band.mid,
            "90 % low": found.band.low,
            "90 % high": found.band.high,
            "error, %": 100 * found.errors,
            "inside": found.inside,
        }
    )


def trends(compute: np.ndarray, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """How each metric (n,) moves with the runs' compute (n,), and whether it may be extrapolated."""
    found = {name: trend(compute, ends).kind for name, ends in values.items()}
    rows = [(name, int(np.isfinite(values[name]).sum()), kind.name.lower(), kind.value) for name, kind in found.items()]
    return pd.DataFrame(rows, columns=["metric", "runs", "trend", "what it means"])


def drawn(made: Fitted) -> dict[str, pd.DataFrame]:
    """The frames of both charts."""
    table = made.table
    params, tokens, compute = table.columns["params"], table.columns["tokens"], table.compute
    runs = pd.DataFrame(
        {
            "compute": compute, "loss": table.loss, "size": params, "tokens": tokens, "name": table.names,
            "out": np.where(made.out, "yes", "no"),
        }
    )  # fmt: skip
    budgets = np.geomspace(compute.min(), compute.max() * BEYOND, POINTS)
    splits = [best_split(made, budget) for budget in budgets]
    frontier = pd.DataFrame(
        {
            "compute": budgets, "loss": [s.loss.mid for s in splits], "low": [s.loss.low for s in splits],
            "high": [s.loss.high for s in splits], "params": [s.params.mid for s in splits],
            "tokens": [s.tokens.mid for s in splits],
        }
    )  # fmt: skip
    lines = []
    sizes = np.unique(params)
    for size in sizes if len(sizes) <= 12 else np.geomspace(params.min(), params.max(), 8):
        near = np.abs(np.log(params / size)) < 0.3
        span = tokens[near] if near.any() else tokens
        data = np.geomspace(span.min() / 2, span.max() * 4, POINTS)
        at = {"params": np.full(POINTS, size), "tokens": data, "unique_tokens": data}
        loss = made.predict(at, noise=False).mid
        lines.append(pd.DataFrame({"compute": 6 * size * data, "loss": loss, "size": size, "label": count(size)}))
    grid = np.geomspace(params.min() / 3, params.max() * 10, POINTS)
    levels = np.linspace(frontier["loss"].min() * 1.01, np.quantile(table.loss, 0.9), LEVELS)
    levels_of_loss = [
        pd.DataFrame({"params": grid, "tokens": row, "loss": level, "label": f"{level:.3g}"})
        for level, row in zip(levels, contours(made, levels, grid), strict=True)
    ]
    equal = pd.concat(levels_of_loss).dropna()
    low, high = tokens.min() / 3, tokens.max() * 10
    decades = 10.0 ** np.arange(np.floor(np.log10(compute.min())), np.ceil(np.log10(compute.max() * BEYOND)) + 1)
    flops = pd.concat([pd.DataFrame({"params": grid, "tokens": c / (6 * grid), "label": f"{c:.0e}"}) for c in decades])

    def within(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["tokens"] >= low) & (frame["tokens"] <= high)]

    return {
        "runs": runs,
        "frontier": frontier[["compute", "loss", "low", "high"]],
        "sizes": pd.concat(lines),
        "equal": within(equal),
        "flops": within(flops),
        "best": within(frontier[(frontier["params"] <= grid[-1]) & (frontier["params"] >= grid[0])])[
            ["params", "tokens", "compute", "loss"]
        ],
    }
