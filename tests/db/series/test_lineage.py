"""Which steps of which attempt survive."""

from barograph.db import Attempt
from barograph.db.series.lineage import FAR, Piece, last_step, line, settled, window

BACK = [Attempt(0, 0, 1.0), Attempt(1, 50, 2.0), Attempt(2, 20, 3.0)]


def test_a_later_attempt_replaces_what_lies_beyond_its_beginning():
    assert line(BACK) == [Piece(0, -FAR, 20), Piece(2, 20, FAR)]
    assert line(BACK[:2]) == [Piece(0, -FAR, 50), Piece(1, 50, FAR)]
    assert line(BACK, (30, 40)) == [Piece(2, 20, FAR)]
    assert Piece(2, 20, FAR).share(10, 40) == (20, 40)


def test_the_end_of_the_line_is_where_the_last_attempt_with_points_ends():
    starts = {0: 0, 1: 50, 2: 20}
    assert last_step(starts, {0: 80, 1: 90, 2: 30}) == 30
    assert last_step(starts, {0: 80, 1: 90}) == 20, "the third attempt has no point: what survives ends where it began"
    assert last_step(starts, {}) is None


def test_only_the_last_attempt_can_be_running_and_only_while_it_is_written():
    assert [one.state for one in settled(BACK, last="running")] == ["stopped", "stopped", "running"]
    killed = settled(BACK, last="killed")
    assert [one.state for one in killed] == ["stopped", "stopped", "killed"] and killed[0].ended == 2.0


def test_a_range_is_half_open_and_finite():
    assert window(3, 7) == (2, 7) and window(None, None) == (-FAR, FAR)
