"""What can be said about a run's future, as the sentence that the page prints."""

from __future__ import annotations

from enum import Enum

import numpy as np

from .observe import white_noise
from .schedule import Schedule

FEWEST = 4  # losses after the warm-up
AFTER_SHIFT = 8  # losses after a jump to another level


class Verdict(Enum):
    """The outcome of a forecast; the value is the sentence to print. `refused` ones come without numbers."""

    GOOD = "The forecast rests mostly on this run itself."
    FINISHED = "The run is at its planned end: the forecast is the loss it has reached."
    STOPPED = "The run ended before its planned end: the forecast is the loss it had reached."
    BORROWED = (
        "The learning rate has not moved enough yet to show what a decay will bring: that part of the forecast comes "
        "from "
        "earlier runs."
    )
    UNLIKE = (
        "This run is unlike the runs behind the prior (size, learning rate, kind of loss or repeated data), so the "
        "interval is wide; finished runs of this project will narrow it."
    )
    COURSE = "The forecast is how finished runs like this one went on from where it is."
    WIDE = (
        "The end cannot be foretold yet, only its range: a finished run of this kind, or more steps of this one, would "
        "change that."
    )
    TOO_FEW = f"Too few points: a forecast needs at least {FEWEST} losses after the warm-up."
    NO_LR = (
        "How the learning rate of this run goes on is unknown: pass watch(plan=...), or a scheduler with total_steps, "
        "or choose a plan, and a forecast will appear."
    )
    DIVERGED = "The run has diverged: no forecast."
    REWARM = "The learning rate is rising again: no forecast until it has stopped rising."
    SHIFTED = (
        "The loss has jumped to a new level (new data, new batch size?): no forecast until enough points follow the "
        "jump."
    )
    NO_LOSS = "This curve reaches zero or falls below it, which no law of a loss describes: no forecast."

    @property
    def refused(self) -> bool:
        return self not in ANSWERS


ANSWERS = (
    Verdict.GOOD,
    Verdict.FINISHED,
    Verdict.STOPPED,
    Verdict.BORROWED,
    Verdict.UNLIKE,
    Verdict.COURSE,
    Verdict.WIDE,
)


def diverged(losses: np.ndarray) -> bool:
    """A non-finite end, or the last 5 % above the best so far by more than 10 % of the whole fall."""
    losses = np.asarray(losses, float)
    if len(losses) == 0:
        return False
    tail = losses[-max(3, len(losses) // 20) :]
    if not np.isfinite(tail[-1]) or np.mean(~np.isfinite(tail)) > 0.5:
        return True
    finite = losses[np.isfinite(losses)]
    width = min(max(3, len(finite) // 20), len(finite))
    medians = np.median(np.lib.stride_tricks.sliding_window_view(finite, width), axis=1) if width < 400 else finite
    best = np.min(medians)
    return bool(np.nanmedian(tail) > best + 0.1 * (medians[0] - best) + 6 * white_noise(finite) * best)


def rewarming(schedule: Schedule, step: int) -> bool:
    """Whether the LR, after its warm-up, has been rising over the last 1 % of the steps taken."""
    if step <= schedule.warmup:
        return False
    before = max(schedule.warmup, step - max(step // 100, 1), 1)
    eta = schedule.eta
    return bool(eta[step - 1] > eta[before - 1] + 1e-3 * schedule.peak)


def last_shift(steps: np.ndarray, losses: np.ndarray, schedule: Schedule, width: int = 8) -> int | None:
    """The last step before the loss moved to another level although the LR did not; None where it never did.

    A shift happens between two points: their difference is more than 2 %, 8 standard deviations of the noise and 4
    times the usual difference nearby, and the medians of the `width` points before and after keep most of it (a spike
    does not)."""
    steps, losses = np.asarray(steps, float), np.asarray(losses, float)
    keep = np.isfinite(losses) & (losses > 0) & (steps > 2 * schedule.warmup)
    steps, logs = steps[keep], np.log(losses[keep])
    if len(logs) > 1000:  # single batches are too noisy to tell
        size = len(logs) // 500
        steps, logs = (column[: len(column) // size * size].reshape(-1, size).mean(1) for column in (steps, logs))
    if len(logs) < 3 * width:
        return None
    step, windows = np.diff(logs), np.lib.stride_tricks.sliding_window_view
    usual = np.median(windows(np.pad(np.abs(step), width, mode="edge"), 2 * width + 1), axis=1)
    medians = np.median(windows(np.pad(logs, (width - 1, width - 1), mode="edge"), width), axis=1)
    kept = medians[width:] - medians[: len(step)]
    lr = np.interp(steps, schedule.steps, schedule.lr) / schedule.peak
    large = np.abs(step) > np.maximum(4 * usual, max(0.02, 8 * white_noise(np.exp(logs))))
    shifted = np.flatnonzero(large & (kept * np.sign(step) > 0.6 * np.abs(step)) & (np.abs(np.diff(lr)) < 0.02))
    return int(steps[shifted[-1]]) if len(shifted) else None
