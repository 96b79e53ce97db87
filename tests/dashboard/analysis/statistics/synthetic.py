"""Loss curves with known truth, for the tests of this folder."""

from __future__ import annotations

import numpy as np

STEPS = np.arange(1, 3001)


def shocks(rng, n, sd, r):
    """Normal noise [n] that is correlated from point to point as r^k."""
    found = rng.normal(0, sd, n)
    for i in range(1, n):
        found[i] = r * found[i - 1] + np.sqrt(1 - r * r) * found[i]
    return found


def curve(x, rng, sd=0.05, r=0.0, b=4.0):
    """2 + b x^-.3 with noise."""
    return 2 + b * x**-0.3 + shocks(rng, len(x), sd, r)


def run(seed, level=2.0, sd=0.1, r=0.3, shared=None):
    """Steps and losses of a run; `shared` is noise of the data order that several runs have."""
    noise = shocks(np.random.default_rng(seed), len(STEPS), sd, r)
    return STEPS, level + 4 * STEPS**-0.5 + noise + (0 if shared is None else shared)
