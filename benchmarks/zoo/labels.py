"""What became of each run of the zoo, told from its loss and its twin alone, and written down as an event.

    python -m benchmarks.zoo.labels zoo.db

diverged    the loss is not finite, or its median over the last 5 % is above its running minimum by more than 10 % of
            (loss at the start - minimum); `onset` is the first step from which the median of 51 stays more than
            max(.1 nat, 6 MAD) above its running minimum for 200 steps or to the end; the MAD is that of such a median
spoiled     never came down: not diverged, but it ends as far above a twin that differs in the cure alone
overfit     the same of its held-out loss, while the training loss fell
recovered   there was an onset, nothing made it expected, and the loss came down again
healthy     all others

Of a run with a fault the mechanism is what was done. Of another it is what its twin lacks, where the twin stays well,
and else too large a step.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from barograph.db import Event, Store
from benchmarks.zoo.faults import MECHANISMS
from benchmarks.zoo.recipes import Recipe

WINDOW, HOLDS, LEAST, SPREADS = 51, 200, 0.1, 6  # of the rule for the onset
TAIL, SHARE = 0.05, 0.1  # of the rule for the end
BLOCK = 50  # the spread is renewed so often


@dataclass(frozen=True)
class Outcome:
    """What became of a run; `onset` is a step, or None; `end` the median loss of its last 5 %, `low` the minimum."""

    diverged: bool
    onset: int | None
    end: float
    low: float
    start: float


def outcome(steps: np.ndarray, losses: np.ndarray) -> Outcome:
    """The rules on one loss curve, every step of it [n]."""
    bad = np.flatnonzero(~np.isfinite(losses))
    loss = losses[: bad[0]] if len(bad) else losses
    if len(loss) < WINDOW:
        return Outcome(bool(len(bad)), int(steps[len(loss) - 1]), np.inf, np.inf, np.inf)
    smooth = median_filter(loss, WINDOW, mode="reflect")  # centred: where it happened, not when one could know it
    low = np.minimum.accumulate(smooth)
    start, least = float(np.median(loss[:5])), float(low[-1])
    end = np.inf if len(bad) else float(np.median(loss[-max(1, round(TAIL * len(loss))) :]))
    diverged = end > least + SHARE * (start - least)
    margin = np.maximum(LEAST, SPREADS * _spread(loss, smooth))
    onset = _first_to_hold(smooth > low + margin, HOLDS, to_the_end=diverged)
    if diverged and onset is None:
        onset = _first_to_hold(smooth > low + LEAST, HOLDS, to_the_end=True)
    if diverged and onset is None:
        onset = len(loss) - (not len(bad))
    return Outcome(diverged, None if onset is None else int(steps[onset]), end, least, start)


def _spread(loss: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """MAD of a median of 51 whose points scatter as the loss did in the 500 steps before each block of 50 [n]."""
    off = np.abs(loss - smooth)
    spread = np.zeros(len(loss))
    for begin in range(0, len(loss), BLOCK):
        spread[begin : begin + BLOCK] = np.median(off[max(0, begin - 500) : begin]) if begin else np.inf
    return spread * np.sqrt(np.pi / 2 / WINDOW)


def _first_to_hold(above: np.ndarray, length: int, to_the_end: bool) -> int | None:
    """The first place from which `above` is true for `length` places, or for all that are left."""
    below = np.flatnonzero(~above)
    ends = np.append(below, len(above))  # a stretch ends before one of these
    begins = np.append(-1, below) + 1
    for begin, end in zip(begins, ends, strict=True):
        if end - begin >= length or (to_the_end and end == len(above) and end > begin):
            return int(begin)
    return None


def labels(store: Store) -> dict[str, dict]:
    """Run name -> its label, for all runs of the zoo in a store."""
    recipes, outcomes, overfit = {}, {}, {}
    for run in store.runs():
        if run.project == "zoo" and run.state != "running":
            series = store.series(run.id, "loss")
            recipes[run.name] = Recipe(**run.config)
            outcomes[run.name] = outcome(series.steps, series.values)
            overfit[run.name] = rises(store.series(run.id, "val_loss").values, outcomes[run.name].start)
    return {n: label(r, outcomes[n], outcomes.get(r.twin), overfit[n]) for n, r in recipes.items()}


def rises(held_out: np.ndarray, start: float) -> bool:
    """Whether a held-out loss ends above its minimum by more than 10 % of (loss at the start - minimum)."""
    good = held_out[np.isfinite(held_out)]
    return len(good) > 1 and bool(good[-1] > good.min() + SHARE * (start - good.min()))


def label(recipe: Recipe, one: Outcome, twin: Outcome | None, overfit: bool = False) -> dict:
    """The label of a run beside its twin."""
    well = twin is not None and not twin.diverged
    if one.diverged:
        mechanism = MECHANISMS.get(recipe.fault) or (recipe.cures if well else "step_size")
        return {"outcome": "diverged", "diverged": True, "onset": one.onset, "mechanism": mechanism}
    if well and one.end > twin.low + SHARE * (twin.start - twin.low) and one.end > twin.end + LEAST:
        return {"outcome": "spoiled", "diverged": False, "onset": None, "mechanism": recipe.cures}
    if overfit:
        return {"outcome": "overfit", "diverged": False, "onset": None, "mechanism": "overfitting"}
    if one.onset is not None and not recipe.rises:
        return {"outcome": "recovered", "diverged": False, "onset": one.onset, "mechanism": recipe.fault}
    return {"outcome": "healthy", "diverged": False, "onset": None, "mechanism": ""}


def write(store: Store) -> dict[str, dict]:
    """Labels all runs of the zoo that have none yet; what was written."""
    found = labels(store)
    for run in store.runs():
        if run.name in found and not any(e.kind == "label" for e in store.events(run.id)):
            told = found[run.name]
            at = told["onset"] if told["onset"] is not None else run.last_step
            event = Event(step=at, kind="label", text=told["outcome"], time=run.ended or 0.0, data=told)
            store.append(run, {}, events=[event])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zoo.labels", description=__doc__)
    parser.add_argument("store", help="made by benchmarks.zoo")
    for name, told in write(Store(parser.parse_args().store)).items():
        print(f"{name:28} {told['outcome']:10} {told['mechanism']:20} {told['onset'] or ''}")


if __name__ == "__main__":
    main()
