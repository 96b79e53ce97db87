"""The gap after a boundary and the measures, as the page shows them."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures.stability_gap import gaps
from barograph.dashboard.services.tasks import courses, record
from barograph.dashboard.web.tasks import view
from tests.dashboard import made_up_evaluations as made_up
from tests.dashboard.made_up_evaluations import VISIT


def test_a_gap_is_measured_and_its_close_up_counts_from_the_boundary(evaluated):
    store, run = evaluated()
    visit = record.boundaries(made_up.visits(store, run))[0]
    rows, frames = view.gap(record.window(store, run, "eval_accuracy", made_up.visits(store, run), visit), visit)
    assert [row.task for row in rows] == ["digits"] and rows[0].depth == pytest.approx(0.57, abs=0.06)
    assert frames[""]["x"].min() == -view.BEFORE and frames[""]["x"].max() == view.AROUND
    low = frames[".low"].iloc[0]
    assert low["x"] == rows[0].lowest_at - VISIT and low["value"] == frames[""]["value"].min()
    assert "digits falls by 0.5" in view.headline(rows[0]) and "when letters begins, and is back at" in view.headline(
        rows[0]
    )
    assert list(view.gap_table(rows)["task"]) == ["digits"]


def test_of_many_tasks_the_deepest_gaps_are_kept(evaluated):
    store, run = evaluated(made_up.many)
    visit = record.boundaries(made_up.visits(store, run))[-1]
    near = record.window(store, run, "eval_accuracy", made_up.visits(store, run), visit)
    rows, frames = view.gap(near, visit)
    every = sorted(gaps(near), key=lambda row: -row.depth)
    assert len(rows) == view.TABLED and [row.task for row in rows[:5]] == [row.task for row in every[:5]]
    assert frames[""]["part"].nunique() == courses.LINES == len(courses.spread([str(k) for k in range(40)]))


def test_the_table_tells_measured_from_not_measured(evaluated):
    store, run = evaluated()
    found = record.results(record.record(store, run, "eval_accuracy"), discover())
    frame, missing = view.table(found, discover())
    assert list(frame["measure"][:2]) == ["ACC", "Forgetting (since learned)"]
    row = frame.set_index("measure").loc["min-ACC"]
    assert row["value"] < frame.set_index("measure").loc["ACC", "value"] and row["noise bias"] < 0
    assert any(sentence.startswith("Knowledge accumulation: ") for sentence in missing)
