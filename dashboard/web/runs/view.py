"""All runs as a table: its columns, and which of them are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ....db.records import Run
from ....formatting import clock, short
from ...services.run_filter import CONFIG

HEALTH = ("note", "watch", "act")  # by severity
USUAL = (
    "State", "Health", "Progress", "Step", "Loss", "Validation loss", "Loss curve", "Started", "Duration", "Project",
    "Group", "Tags", "Note",
)  # fmt: skip
SPARE = ("Validation loss", "Health", "Project", "Group", "Tags", "Note")  # shown unasked where a run has some
NUMBERS = {  # column -> that of the view `runs`
    "Loss": "final_loss", "Validation loss": "final_val_loss", "Best loss": "best_loss",
    "Best validation loss": "best_val_loss", "Parameters": "parameters", "Tokens": "tokens", "FLOPs": "flops",
}  # fmt: skip


@dataclass(frozen=True)
class RunRow:
    """A run with its row of the view `runs`: `progress` from 0 to 1, a small curve of the loss, seconds `elapsed`."""

    run: Run
    values: Mapping[str, Any]
    progress: float | None
    curve: list[float]
    elapsed: float | None


def columns(rows: Sequence[RunRow]) -> list[str]:
    """All columns that can be shown: the usual, further numbers, and each key of the configurations."""
    more = [name for name in NUMBERS if name not in USUAL]
    keys = dict.fromkeys(name.removeprefix(CONFIG) for row in rows for name in row.values if name.startswith(CONFIG))
    return [*USUAL, *more, *(key for key in keys if key not in (*USUAL, *more, "Run"))]


def table(rows: Sequence[RunRow], asked: Sequence[str] = ()) -> pd.DataFrame:
    """One row a run, in the order given, with the columns asked for, else the usual ones that are not empty."""
    frame = pd.DataFrame({"Run": [short(row.run.name, 120) for row in rows]})
    for name in asked or USUAL:
        values = [_value(row, name) for row in rows]
        if asked or name not in SPARE or any(values):
            frame[name] = _alike(values) if name not in USUAL else values
    return frame


def _value(row: RunRow, name: str) -> Any:
    run = row.run
    if name in NUMBERS:
        return row.values.get(NUMBERS[name])
    if name not in USUAL:
        return row.values.get(CONFIG + name)
    severity = row.values.get("severity")
    started = pd.Timestamp(run.started, unit="s", tz="UTC") if run.started else None
    return {
        "State": [run.state],
        "Health": [HEALTH[severity]] if severity is not None else [],
        "Progress": row.progress,
        "Step": run.last_step,
        "Loss curve": row.curve,
        "Started": started,
        "Duration": clock(row.elapsed) if row.elapsed else "",  # an imported log may not know
        "Project": short(run.project, 60) if run.project else "",
        "Group": short(run.group, 60) if run.group else "",
        "Tags": list(run.labels),
        "Note": short(note, 200) if (note := run.problem or run.note) else "",
    }[name]


def _alike(values: Sequence[Any]) -> list[Any]:
    """Values of one column in one type: numbers where all are, else texts."""
    known = [value for value in values if value is not None]
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known):
        return [None if value is None else float(value) for value in values]
    return ["" if value is None else short(str(value), 60) for value in values]
