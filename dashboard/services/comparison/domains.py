"""Excess loss by domain: where a run is still worse than the reference, as domain weights are chosen by it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ....db import Store
from ....formatting import short
from ...analysis.statistics.ending import ending
from .result import Comparison
from .run_curves import names

LOSS = "domain_loss"


def excess(store: Store, found: Comparison) -> pd.DataFrame:
    """A row a domain: where its loss ended in the reference, and how far above that, or 0, it ended in each other run.

    The excess loss max(l - l_ref, 0) of DoReMi (arXiv:2305.10429), of the ends of the mean losses, not of single
    tokens. Empty where the reference or all others recorded no losses by domain."""
    labels = names([one.run for one in found.results])
    ends = {run: _ends(store, run) for run in labels}
    base = ends.pop(found.reference)
    rows = []
    for domain, end in base.items():
        row: dict[str, object] = {"domain": short(domain, 60), "reference": end}
        row |= {labels[run]: max(one[domain] - end, 0.0) for run, one in ends.items() if domain in one}
        rows.append(row)
    return pd.DataFrame(rows) if any(ends.values()) else pd.DataFrame()


def _ends(store: Store, run: str) -> dict[str, float]:
    """Where the loss of each domain ended."""
    known = store.signals(run).get(LOSS)
    series = [(part[0], store.series(run, LOSS, part)) for part in known.parts if part] if known else []
    return {
        name: ending(points.steps, points.values).value
        for name, points in series
        if np.isfinite(points.values).any()
    }  # fmt: skip
