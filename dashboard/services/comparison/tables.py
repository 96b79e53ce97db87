"""A comparison as tables: a row a run, and in what the configurations differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ....formatting import number, short
from ....spreadsheet import defused
from .result import Comparison, interval_text, verdict
from .run_curves import names

UNITS = {"step": "steps", "tokens": "tokens", "time": "hours", "flops": "FLOPs", "epoch": "epochs"}


def table(found: Comparison) -> pd.DataFrame:
    """A row a run, the best first where one way is better, those not ranked last; without columns that no run has."""
    unit, scale = UNITS[found.axis], 1 / 3600 if found.axis == "time" else 1.0
    rows = []
    for one in found.results:
        final, against = one.final, one.difference
        rows.append(
            {
                "run": short(one.run.name, 90),
                "state": one.run.state,
                "last step": one.run.last_step,
                "final": final.value if final else np.nan,
                "±": final.error if final else np.nan,
                "best": one.best,
                "difference": against.value.mid if against else np.nan,
                "90 % low": against.value.low if against else np.nan,
                "90 % high": against.value.high if against else np.nan,
                "verdict": "reference" if one.run.id == found.reference else verdict(found, one) or one.problem,
                f"{unit} to {number(found.target, 5)}": interval_text(one.to_target, scale),
                "speed-up": interval_text(one.speedup),
                "final / peak LR": one.lr_fraction,
            }
        )
    frame = pd.DataFrame(rows).replace([np.inf, -np.inf], np.nan)
    if found.better != "neither":
        sign = -1 if found.better == "higher" else 1
        aside = [one.unranked is not None or not (one.final and one.final.known) for one in found.results]
        order = pd.DataFrame({"aside": aside, "final": sign * frame["final"]})
        frame = frame.loc[order.sort_values(["aside", "final"], na_position="last", kind="stable").index]
    return frame.dropna(axis=1, how="all").reset_index(drop=True)


def differences(found: Comparison, words: str = "") -> pd.DataFrame:
    """In what the configurations differ: a row a key, a column a run; only keys that hold every one of `words`."""
    labels = list(names([one.run for one in found.results]).values())
    wanted = words.lower().split()
    rows = [
        {"key": short(key, 120), **{label: short(str(v), 200) for label, v in zip(labels, values, strict=True)}}
        for key, values in found.config.items()
        if all(word in f"{key} {values}".lower() for word in wanted)
    ]
    return pd.DataFrame(rows)


def for_spreadsheets(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with no cell, and no heading, that a spreadsheet would run."""
    out = frame.rename(columns=lambda name: defused(str(name)))
    for at, kind in enumerate(out.dtypes):
        if pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind):
            cells = [defused(cell) if isinstance(cell, str) else cell for cell in out.iloc[:, at]]
            out.isetitem(at, pd.array(cells, dtype=object))
    return out
