"""Figures of a zoo: learning rate against final loss, and the largest attention logit against rate and size.

As in Wortsman et al. 2023, arXiv:2309.14322.

python -m benchmarks.zoo --figures zoo.db [--json]
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy.stats import t as student

from barograph.dashboard.analysis.statistics.lr_sensitivity import common_grid, lr_sensitivity
from barograph.db import Run, Store

TAIL = 0.05  # the final loss is the mean over so much of the end: one batch is mostly noise
LATE = 0.2  # the largest logit is the median over so much of the end
SWEEPS = {"nothing": "", "qk-norm": "-cured", "qk-norm and z-loss": "-z"}  # intervention -> suffix of the run's name


def figures(path: str | Path) -> dict:
    """{"sensitivity": {intervention: ...}, "logits": {intervention: {rate: max logit}}, "widths": ...}.

    Raises ValueError where the zoo has no sweep over learning rates.
    """
    store = Store(path, create=False)
    runs = {run.name: run for run in store.runs() if run.project == "zoo" and run.state != "running"}
    sweeps = {what: _sweep(runs, suffix) for what, suffix in SWEEPS.items()}
    grid = common_grid({what: np.array(list(found)) for what, found in sweeps.items()})
    sweeps = {what: {rate: found[rate] for rate in grid.tolist()} for what, found in sweeps.items()}
    start = float(np.median([_losses(store, run)[:5].mean() for found in sweeps.values() for run in found.values()]))
    told = {
        "start": start,
        "sensitivity": {what: _sensitivity(store, found, start) for what, found in sweeps.items()},
        "logits": {what: {r: largest_logit(store, run) for r, run in found.items()} for what, found in sweeps.items()},
        "widths": _widths(store, runs),
    }
    store.close()
    return told


def _sweep(runs: dict[str, Run], suffix: str) -> dict[float, Run]:
    found = {run.config["peak"]: run for name, run in runs.items() if name == f"lr-{run.config['peak']:g}{suffix}"}
    return dict(sorted(found.items()))


def _losses(store: Store, run: Run) -> np.ndarray:
    return store.series(run.id, "loss").values


def _sensitivity(store: Store, sweep: dict[float, Run], start: float) -> dict:
    losses = [_losses(store, run) for run in sweep.values()]
    finals = np.array([loss[-round(TAIL * len(loss)) :].mean() for loss in losses])
    found = lr_sensitivity(np.array(list(sweep)), finals, start)
    return asdict(found) | {"rates": found.rates.tolist(), "finals": finals.tolist()}


def largest_logit(store: Store, run: Run) -> float:
    """Median over the end of the run of the largest |attention logit| of any layer and head."""
    values = store.series(run.id, "attn_logit_peak").values
    return float(np.median(values[-max(1, round(LATE * len(values))) :])) if len(values) else float("nan")


def _widths(store: Store, runs: dict[str, Run]) -> dict | None:
    """The largest logit of the largest model, foretold from the smaller ones by a power law in the parameters."""
    found = sorted((run.config["width"], run) for name, run in runs.items() if name.startswith("width-"))
    if len(found) < 4:
        return None
    sizes = np.array([run.size["non_embedding"] for _, run in found], float)
    logits = np.array([largest_logit(store, run) for _, run in found])
    mid, low, high, slope = extrapolate(sizes[:-1], logits[:-1], sizes[-1])
    return {
        "widths": [width for width, _ in found], "parameters": sizes.tolist(), "logits": logits.tolist(),
        "exponent": slope, "foretold": mid, "interval": [low, high], "measured": float(logits[-1]),
    }  # fmt: skip


def extrapolate(sizes: np.ndarray, logits: np.ndarray, to: float) -> tuple[float, float, float, float]:
    """(mid, low, high, exponent) of logits ~ sizes^exponent at size `to`; the interval is a prediction's at 90 %."""
    x, y = np.log(sizes), np.log(logits)
    slope, level = np.polyfit(x, y, 1)
    free = len(x) - 2
    spread = np.sqrt(((y - level - slope * x) ** 2).sum() / free)
    far = np.log(to) - x.mean()
    half = student.ppf(0.95, free) * spread * np.sqrt(1 + 1 / len(x) + far**2 / ((x - x.mean()) ** 2).sum())
    mid = level + slope * np.log(to)
    return float(np.exp(mid)), float(np.exp(mid - half)), float(np.exp(mid + half)), float(slope)


def show(path: Path, *, as_json: bool) -> int:
    """Prints the figures as tables, or as JSON."""
    told = figures(path)
    if as_json:
        print(json.dumps(told))
        return 0
    rates = next(iter(told["sensitivity"].values()))["rates"]
    print(f"Final loss (mean of the last {TAIL:.0%}) against learning rate; loss at the start {told['start']:.2f}")
    print(f"{'':20}" + "".join(f"{rate:>8g}" for rate in rates) + f"{'LR sensitivity':>16}")
    for what, found in told["sensitivity"].items():
        print(f"{what:20}" + "".join(f"{final:8.3f}" for final in found["finals"]) + f"{found['value']:16.3f}")
    print(f"\nLargest attention logit (median of the last {LATE:.0%}) against learning rate")
    for what, found in told["logits"].items():
        print(f"{what:20}" + "".join(f"{logit:8.1f}" for logit in found.values()))
    if widths := told["widths"]:
        print("\nLargest attention logit against size, without qk-norm at learning rate 0.03")
        for width, size, logit in zip(widths["widths"], widths["parameters"], widths["logits"], strict=True):
            print(f"width {width:4}  {size:10,.0f} parameters  {logit:8.1f}")
        low, high = widths["interval"]
        print(f"foretold for the last from the others: {widths['foretold']:.1f} (90 %: {low:.1f} to {high:.1f}), "
              f"exponent {widths['exponent']:.2f}; measured {widths['measured']:.1f}")  # fmt: skip
    return 0
