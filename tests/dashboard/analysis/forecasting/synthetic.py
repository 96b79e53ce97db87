"""Runs with known truth, for the tests of this folder."""

import numpy as np

from barograph.dashboard.analysis.forecasting import Finished, Schedule, Setup, known_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory

TRUE = np.log([2.8, 0.34, 0.48, 0.15, 60.0, 0.78, 0.5])  # of the river law
SETUP = Setup("small", "mine", 5e-4, 1.2e8)


def wsd(total=20_000, share=0.2, peak=5e-4):
    return Schedule([0, 300, round((1 - share) * total), total], [0, peak, peak, 0])


def cosine(total=20_000, peak=5e-4, low=0.1):
    steps = np.arange(0, total + 1, 10)
    done = np.clip((steps - 300) / (total - 300), 0, 1)
    return Schedule(
        steps, peak * np.where(steps < 300, steps / 300, low + (1 - low) * (1 + np.cos(np.pi * done)) / 2), 300
    )


def run(schedule, noise=1e-3, seed=0, every=100, true=TRUE, law="river"):
    """Steps, noisy losses and the clean final loss of a run that follows the law."""
    steps = np.arange(every, schedule.total + 1, every)
    clean = known_laws()[law].at(LRHistory.of(schedule, steps), true)[0]
    return steps, clean * np.exp(noise * np.random.default_rng(seed).standard_normal(len(steps))), float(clean[-1])


def finished(schedule, setup=SETUP, **kwargs):
    steps, losses, _ = run(schedule, **kwargs)
    return Finished(steps, losses, schedule, setup)
