"""Times, tokens, set-backs over several imports, and a store that holds only what is new."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from barograph.db import Store
from barograph.db.importers._machinery import lines
from tests.db.importers.written import bring, points

BEGUN = 1_700_000_000.0


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def imported(store, path, header: str, rows: list):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    os.utime(path, (BEGUN + 1000, BEGUN + 1000))
    return store.run(bring(store, path).run.id)


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_a_date_says_when_the_run_started(store, tmp_path, unit):
    rows = [(s, s, repr((BEGUN + 2 * s) * unit)) for s in range(10)]
    run = imported(store, tmp_path / "a.csv", "step,loss,timestamp", rows)
    assert (run.started, run.ended) == pytest.approx((BEGUN, BEGUN + 18))
    assert store.axis(run.id, np.array([0, 5, 9]), "time") == pytest.approx([0, 10, 18])


def test_iso_dates(store, tmp_path):
    rows = [(s, s, f"2023-11-14T22:13:{20 + s}Z") for s in range(10)]
    run = imported(store, tmp_path / "a.csv", "step,loss,datetime", rows)
    assert run.started == BEGUN and store.series(run.id, "time").values.tolist() == list(range(10))


def test_seconds_from_the_start_end_when_the_file_was_written(store, tmp_path):
    run = imported(store, tmp_path / "a.csv", "step,loss,elapsed", [(s, s, 3 * s) for s in range(11)])
    assert (run.started, run.ended) == (BEGUN + 970, BEGUN + 1000)
    assert store.series(run.id, "time").values[-1] == 30


def test_seconds_of_one_step_are_no_time(store, tmp_path):
    rows = [(s, s, 0.3 + 0.01 * (s % 3), 512) for s in range(30)]
    run = imported(store, tmp_path / "a.csv", "step,loss,time,tokens", rows)
    assert run.started == BEGUN + 1000
    with pytest.raises(ValueError, match="did not record time"):
        store.axis(run.id, np.arange(3), "time")
    with pytest.raises(ValueError, match="did not record tokens"):
        store.axis(run.id, np.arange(3), "tokens")


def test_a_set_back_grows_into_the_same_attempts(store, tmp_path):
    rows = [(s, 1) for s in range(50)] + [(s, 2) for s in range(30, 60)]
    for n in (20, 50, 55, 70, 80):
        run = imported(store, tmp_path / "a.csv", "step,loss", rows[:n]).id
    assert [(a.number, a.from_step) for a in store.attempts(run)] == [(0, 0), (1, 29)]
    assert store.series(run, "loss").values.tolist() == [1] * 30 + [2] * 30
    assert len(store.series(run, "loss", attempt=0)) == 50 and store.check() == []


def test_only_what_is_new_is_written(store, tmp_path, monkeypatch):
    rows = [(s, s) for s in range(1000)]
    imported(store, tmp_path / "a.csv", "step,loss", rows)
    written = []
    append = store.append
    spy = lambda run, points, **rest: (written.append(points), append(run, points, **rest))  # noqa: E731
    monkeypatch.setattr(store, "append", spy)
    imported(store, tmp_path / "a.csv", "step,loss", rows)
    assert written == []
    imported(store, tmp_path / "a.csv", "step,loss", [*rows[:500], (500, 7), *rows[501:], (1000, 8)])
    new = {s: v for points in written if points for s, v in zip(*points["loss"], strict=True)}
    assert new == {500: 7, 1000: 8}


def test_the_last_word_on_a_step_counts_however_often_it_is_read(store, tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "PIECE", 64)  # the two lines of a step come in different pieces
    rows = [(s, s, s * 10) for s in range(50)] + [(49, "", 7)]
    first = imported(store, tmp_path / "a.csv", "step,loss,x", rows)
    assert store.series(first.id, "x").values[-1] == 7
    again = bring(store, tmp_path / "a.csv")
    assert again.points == 0 and store.series(first.id, "x").values[-1] == 7


def test_a_project_given_later_is_taken(store, tmp_path):
    path = tmp_path / "a.csv"
    imported(store, path, "step,loss", [(1, 2)])
    bring(store, path, project="later")
    assert store.runs()[0].project == ""  # nothing new to write: the run stays as it is
    path.write_text("step,loss\n1,2\n2,3\n")
    assert store.run(bring(store, path, project="later").run.id).project == "later"


def test_a_large_log_in_small_pieces_is_the_same_run(store, tmp_path, monkeypatch):
    draw = np.random.default_rng(0)
    path = tmp_path / "a.jsonl"
    rows = [{"step": int(s) % 1500, "loss": float(draw.normal()), f"k{s % 7}": int(s)} for s in range(2500)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    whole = points(store, bring(store, path, name="whole").run.id)
    monkeypatch.setattr(lines, "PIECE", 4096)
    pieces = bring(store, path, name="pieces").run.id
    assert points(store, pieces) == whole and len(store.attempts(pieces)) == 2
    assert bring(store, path, name="pieces").points == 0
