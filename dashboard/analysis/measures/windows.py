"""The largest loss and gain of accuracy within a window of so many evaluations: WF and WP."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ._support.noise import of_extreme
from ._support.result import Measure, MeasureResult, average
from ._support.tasks import Evaluations


def largest_fall(values: np.ndarray, window: int) -> np.ndarray:
    """The largest fall A(m) - A(n), m < n, within any `window` successive values of curves [..., m] -> [...].

    Below 0 for a curve that only rises. The running maximum is built by doubling, in log2(window) passes.

    >>> curve = np.array([0.9, 0.2, 0.8, 0.1])
    >>> round(float(largest_fall(curve, 2)), 9), round(float(largest_fall(curve, 4)), 9)
    (0.7, 0.8)
    """
    values = np.asarray(values, float)
    reach = min(window, values.shape[-1]) - 1
    if reach < 1:
        return np.full(values.shape[:-1], np.nan)
    highest, width = values, 1  # highest[..., j]: of the `width` values that end at j, fewer at the start
    while width < reach:
        further = min(width, reach - width)
        moved = highest.copy()
        moved[..., further:] = np.maximum(highest[..., further:], highest[..., :-further])
        highest, width = moved, width + further
    return np.asarray((highest[..., :-1] - values[..., 1:]).max(-1))


def windowed(record: Evaluations, window: int, sign: int) -> MeasureResult:
    """The mean over tasks of the largest fall (sign 1) or rise (sign -1) within any `window` evaluations of a task.

        Delta^w,-_{t,i} = max_{m < n in [t-w+1, t]} ( A(E_i, f_m) - A(E_i, f_n) ),   WF^w = 1/N sum_i max_t Delta
        WP^w: the same with A(E_i, f_n) - A(E_i, f_m)                                 (De Lange et al. 2022)

    WF is how fast knowledge goes, WP how fast it comes, the first learning of the task included. The window counts
    evaluations, so the number belongs to its cadence: WF^10 at every step and at every 100th are different quantities.
    `bias` is what noise alone adds.
    """
    terms, errors, biases = {}, {}, []
    for name in record.names:
        curve = record.curve(name)
        terms[name] = errors[name] = np.nan
        if len(curve) > 1:
            terms[name] = float(largest_fall(sign * curve.value, window))
            bias, errors[name] = of_extreme(record, curve, lambda drawn: largest_fall(sign * drawn, window))
            biases.append(bias)
    cadence = record.cadence()
    note = f"windows of {window} evaluations, {record.spacing()}"
    why = "no task was evaluated twice"
    return replace(
        average(terms, errors, cadence=cadence, note=note, why=why), bias=float(np.mean(biases)) if biases else np.nan
    )


def _measure(name: str, title: str, sentence: str, better: str, window: int, sign: int) -> Measure:
    return Measure(name, title, sentence, better, lambda record: windowed(record, window, sign))


FALL, RISE = "Largest fall within {} evaluations, averaged over tasks.", "Largest rise within {} evaluations, averaged."
wf10 = _measure("wf10", "WF^10", FALL.format(10), "lower", 10, 1)
wf100 = _measure("wf100", "WF^100", FALL.format(100), "lower", 100, 1)
wp10 = _measure("wp10", "WP^10", RISE.format(10), "higher", 10, -1)
wp100 = _measure("wp100", "WP^100", RISE.format(100), "higher", 100, -1)
