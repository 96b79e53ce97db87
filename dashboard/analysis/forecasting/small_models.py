"""How small language models went on: what is known of a run of a tenth of a million parameters before it has siblings.

The laws behind the shipped prior were made from models of 25 million parameters and more, whose losses fall later and
less. `small_models.json` holds whole curves of models of some ten thousand to half a million parameters on source code
(`python -m benchmarks.demo_runs --others`, made a table by `make_small_models.py`)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from .prior import Setup
from .schedule import Schedule
from .shapes import Course

TABLE = Path(__file__).with_name("small_models.json")


@cache
def small_models(loss_kind: str) -> tuple[Course, ...]:
    """The shipped curves of one kind of loss; () where there are none of it."""
    rows = [row for row in json.loads(TABLE.read_text()) if row["setup"]["loss_kind"] == loss_kind]
    courses = []
    for row in rows:
        places, rates = row["lr"]
        schedule = Schedule(places, rates, row["warmup"])
        courses.append(Course.of(row["steps"], row["losses"], schedule, Setup(**row["setup"])))
    return tuple(courses)
