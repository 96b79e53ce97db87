"""What is known of a run beside its points, as JSON objects that go along when it leaves for a file.

Each is one of {"run"}, {"columns": {column: [signal, *part], or null}}, {"describe"}, {"attempt"}, {"event"},
{"evaluation"} and {"plan"}, as in a journal; `read_notes.py` reads them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...keys import SeriesKey
from ..records import Run

if TYPE_CHECKING:
    from ..store import Store

MARK = "barograph"  # by which each format knows them
OWN = ("id", "attempt", "last_step", "problem")  # set anew by the store that takes the run in
_COLUMNS = 1000  # in one note


def notes(store: Store, run: Run, columns: Mapping[str, SeriesKey | None]) -> Iterator[dict[str, Any]]:
    """Everything about a run but its points; `columns` says which series stands where."""
    provenance = run.provenance | {"exported_from": run.id}
    yield {"run": {k: v for k, v in asdict(run).items() if k not in OWN} | {"provenance": provenance}}
    keyed = [(name, [key] if isinstance(key, str) else key) for name, key in columns.items()]
    for at in range(0, len(keyed), _COLUMNS):
        yield {"columns": dict(keyed[at : at + _COLUMNS])}
    for description in store.signals(run.id).values():
        yield {"describe": {k: v for k, v in asdict(description).items() if k != "parts"}}
    for attempt in store.attempts(run.id):
        yield {"attempt": asdict(attempt)}
    for event in store.events(run.id):
        if event.kind != "import":  # it describes the import of another file
            yield {"event": asdict(event)}
    for evaluation in store.evaluations(run.id):
        yield {"evaluation": asdict(evaluation) | {"value": repr(evaluation.value)}}
    for plan in store.plans(run.id):
        knots = [[int(step), float(value)] for step, value in zip(plan.steps, plan.values, strict=True)]
        yield {"plan": {"group": plan.group, "origin": plan.origin, "made_at": plan.made_at, "knots": knots}}


def beside(path: Path) -> Path:
    """The file with the notes on a file that has no place for them."""
    return path.with_name(f"{path.name}.{MARK}")
