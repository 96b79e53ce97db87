"""Shows a made-up run to one detector, whole or in pieces."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.analysis.detectors.detector import Facts, News


def replay(name: str, signals: dict, facts: Facts = Facts(), cuts=(), happenings=(), **state) -> list:  # noqa: B008
    """What the detector of this name has said in the end; `signals` maps "name" or ("name", *part) to (steps, values).

    `cuts` are steps after which the run is cut into news.
    """
    watch = discover()[name].start(facts)
    end = max(int(steps[-1]) for steps, _ in signals.values() if len(steps))
    said, low = {}, -1
    for until in sorted({*(int(c) for c in cuts if c < end), end}):
        points: dict = {}
        for key, (steps, values) in signals.items():
            signal, *part = (key,) if isinstance(key, str) else key
            new = (np.asarray(steps) > low) & (np.asarray(steps) <= until)
            if new.any():
                column = np.asarray(steps, np.int64)[new], np.asarray(values, float)[new]
                points.setdefault(signal, {})[tuple(part)] = column
        new = tuple(h for h in happenings if low < h.step <= until)
        said |= {f.key: f for f in watch.see(News(until, points, new, **state))}
        low = until
    return list(said.values())


def any_cuts(seed: int, end: int, count: int = 40) -> list[int]:
    """Random cuts, some of them right beside each other."""
    cuts = np.random.default_rng(seed).integers(0, end, count)
    return [*cuts.tolist(), *(cuts[:8] + 1).tolist()]


def smooth_noise(rng, n: int, sd: float, memory: float = 0.0) -> np.ndarray:
    """Gaussian noise [n] with this standard deviation and correlation from point to point."""
    noise = rng.standard_normal(n)
    for i in range(1, n):
        noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    return sd * noise
