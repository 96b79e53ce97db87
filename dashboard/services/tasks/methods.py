"""Several runs as methods: those that differ in the seed alone are one, with the noise from seed to seed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ....db.records import Run
from ....formatting import short
from ...analysis.measures._support.result import Measure, MeasureResult
from ...analysis.statistics.configs import but_for_seed

# measures that come first in tables, in this order
FIRST = (
    "acc", "forgetting", "forgetting_from_best", "bwt", "fwt", "learning_accuracy", "min_acc", "wc_acc", "wf10",
    "wf100", "wp10", "wp100", "gap_depth", "gap_transient", "gap_persistent", "gap_recovery",
)  # fmt: skip
SEED = re.compile(r"[\s_,./-]*\(?(seed|s)?[\s_=:#-]*\d+\)?$", re.IGNORECASE)


def grouped(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Name -> runs whose configurations differ in the seed alone, and their names, where these end in a number."""
    groups: dict[Any, list[Run]] = {}
    for run in runs:
        config, stem = but_for_seed(run.config), SEED.sub("", run.name) or run.name
        groups.setdefault((config, stem if stem != run.name or not config else ""), []).append(run)
    found: dict[str, list[Run]] = {}
    for members in groups.values():
        names = {SEED.sub("", run.name) or run.name for run in members} if len(members) > 1 else {members[0].name}
        name = short(min(names, key=lambda one: (len(one), one)), 60)
        while name in found:
            name += "′"
        found[name] = members
    return found


def table(
    groups: Mapping[str, Sequence[Run]], found: Mapping[str, Mapping[str, MeasureResult]], known: Mapping[str, Measure]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a method: the mean over its seeds of each measure, and in a second table its standard error.

    Of a single run the error is that of its evaluations. Columns that nobody measured are left out.
    """
    means: dict[str, dict[str, float]] = {}
    errors: dict[str, dict[str, float]] = {}
    for name, runs in groups.items():
        measured = [found[run.id] for run in runs if run.id in found]
        for measure in FIRST if measured else ():
            values = np.array([result[measure].value for result in measured if measure in result])
            values = values[np.isfinite(values)]
            if not len(values):
                continue
            error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else measured[0][measure].error
            means.setdefault(name, {"runs": len(measured)})[known[measure].title] = float(values.mean())
            errors.setdefault(name, {})[known[measure].title] = float(error)
    titles = [known[name].title for name in FIRST if name in known]
    frame = pd.DataFrame.from_dict(means, orient="index")
    kept = [title for title in titles if title in frame]
    return frame.reindex(columns=["runs", *kept]), pd.DataFrame.from_dict(errors, orient="index").reindex(columns=kept)


def written(means: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    """The table as text, "0.712 ± 0.013"."""
    out = pd.DataFrame({"method": means.index, "runs": means["runs"].astype(int).to_numpy()})
    for title in errors.columns:
        pairs = zip(means[title], errors[title], strict=True)
        out[title] = [
            "–" if not np.isfinite(v) else f"{v:.3g}" + (f" ± {e:.2g}" if np.isfinite(e) else "") for v, e in pairs
        ]
    return out
