"""What the Import page says of uploaded logs and of followed folders."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pandas as pd

from ....formatting import count, duration, short
from ...services.background.log_follower import FollowedLog
from ...services.uploads.drafts import Draft

NONE = "–"
ROWS = 8  # of a log
LIVE = {True: "growing", False: "quiet"}


def content(draft: Draft) -> str:
    """How much a log holds."""
    ended = f"up to step {draft.last_step:,}" if draft.last_step is not None else "without a step"
    return f"{draft.rows:,} rows, {count(draft.points)} numbers, {ended}"


def lacking(missing: Sequence[str]) -> str:
    """What no column of a log gives."""
    return f"No column for {', '.join(missing)}."


def columns(draft: Draft) -> list[str]:
    """The columns of a log that can take a role."""
    if draft.found is None:
        return []
    return list(draft.found.keys) + ([draft.found.step] if draft.found.step else [])


def becomes(draft: Draft) -> pd.DataFrame:
    """The signal that each column becomes."""
    keys = draft.found.keys.items() if draft.found else ()
    rows = [(short(name), short(key if isinstance(key, str) else "/".join(key))) for name, key in keys]
    return pd.DataFrame(rows, columns=["column", "becomes"])


def first_rows(draft: Draft) -> pd.DataFrame:
    """The beginning of a log, as it was read."""
    if draft.found is None:
        return pd.DataFrame()
    values = draft.found.values
    rows = {"step": draft.found.steps[:ROWS]}
    return pd.DataFrame(rows | {f"{short(name, 40)}": values[name][:ROWS] for name in list(values)[:30]})


def logs(found: Sequence[FollowedLog], most: int = 500) -> pd.DataFrame:
    """The logs of a followed folder, a row each."""
    now = time.time()
    return pd.DataFrame(
        [
            {
                "Log": short(one.file, 120),
                "Format": one.format,
                "State": LIVE[one.live],
                "Last row": f"{duration(now - one.grown)} ago" if one.grown else NONE,
                "Run": short(one.name),
                "Open": f"Run?run={one.run}" if one.run else None,
                "Problem": short(one.problem, 300) if one.problem else "",
            }
            for one in found[:most]
        ]
    )
