"""What all journals hold beyond the tables."""

import numpy as np
import pytest

from barograph.db.journal.frames import Block, Keys, Note
from barograph.db.journal.unfolded import Rest, Unfolded
from barograph.db.places.process import this_process


def block(steps, *columns, attempt=0, keys=("loss", ("norm", "a"))):
    return Block(attempt, Keys(keys), np.array(steps), np.array(columns, float).T, np.arange(len(steps)))


@pytest.fixture
def unfolded(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    notes = [Note(0, 0, {"event": {"step": 1}}), Note(9, 1, {"event": {"step": 2}, "plan": {"origin": "o"}})]
    first = Rest(tmp_path / "a", "r", this_process(), [block([1, 2], [1, 2], [5, 6])], notes)
    second = Rest(
        tmp_path / "gone", "r", {}, [block([2, 3], [20, 30], [60, 70]), block([9], [9], attempt=1, keys=["x"])], []
    )
    return Unfolded([first, second])


def test_points_of_one_series_from_all_journals_the_later_one_wins(unfolded):
    steps, values = unfolded.points("r", 0, "loss")
    assert steps.tolist() == [1, 2, 3] and values.tolist() == [1, 20, 30]
    assert unfolded.points("r", 1, "loss")[0].tolist() == unfolded.points("other", 0, "loss")[0].tolist() == []


def test_which_series_there_are_and_how_far_they_go(unfolded):
    assert list(unfolded.keys("r")) == [(0, "loss"), (0, ("norm", "a")), (1, "x")]
    assert unfolded.extents("r")[0, "loss"] == (4, 1, 3)
    assert unfolded.last_steps() == [("r", 0, 2), ("r", 0, 3), ("r", 1, 9)]


def test_notes_by_kind_with_their_attempt(unfolded):
    assert unfolded.contents("r", "event") == [{"step": 1}, {"step": 2}]
    assert unfolded.notes(None, "plan") == [("r", 1, "plan", {"origin": "o"})]


def test_a_run_lives_while_one_of_its_writers_does(unfolded):
    assert unfolded.live("r") is not None and unfolded.live("other") is None
