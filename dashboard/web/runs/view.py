"""All runs as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ....db.records import Run
from ....formatting import short


@dataclass(frozen=True)
class RunRow:
    """A run with the numbers of its row: `progress` from 0 to 1, the last loss and a small curve, seconds `elapsed`."""

    run: Run
    progress: float | None
    loss: float | None
    curve: list[float]
    elapsed: float | None


def table(rows: Sequence[RunRow]) -> pd.DataFrame:
    """One row a run, in the order given."""
    return pd.DataFrame(
        [
            {
                "Run": short(row.run.name, 120),
                "State": [row.run.state],
                "Progress": row.progress,
                "Step": row.run.last_step,
                "Loss": row.loss,
                "Loss curve": row.curve,
                "Started": pd.Timestamp(row.run.started, unit="s", tz="UTC") if row.run.started else None,
                "Minutes": round(row.elapsed / 60, 1) if row.elapsed else None,  # an imported log may not know
                "Open": f"Run?run={row.run.id}",
                "Note": short(note, 200) if (note := row.run.problem or row.run.note) else "",
                "Tags": list(row.run.tags),
            }
            for row in rows
        ]
    )
