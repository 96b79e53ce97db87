"""Reading on in journals as they grow."""

import os

import numpy as np
import pytest

from barograph.db.journal.file import Journal
from barograph.db.journal.frames import MAGIC
from barograph.db.journal.tail import Mark, Tail, opening
from barograph.db.places.process import this_process


@pytest.fixture
def journal(tmp_path):
    head = {"run": {"id": "r", "process": this_process()}}
    written = Journal(tmp_path, "r.1-1", [head, {"attempt": {"number": 0, "from_step": 0}}])
    yield written
    written.close()


def test_what_was_appended_is_read_once(journal, tmp_path):
    tail = Tail(tmp_path)
    journal.points(1, ("loss",), [1.0])
    assert tail.refresh(tail.files(), {}).points("r", 0, "loss")[0].tolist() == [1]
    before = tail.sizes()
    journal.points(2, ("loss",), [2.0])
    assert tail.sizes() != before and tail.sizes("other") == ()
    steps, values = tail.refresh(tail.files(), {}).points("r", 0, "loss")
    assert steps.tolist() == [1, 2] and values.tolist() == [1.0, 2.0]


def test_what_the_tables_hold_is_left_out(journal, tmp_path):
    tail = Tail(tmp_path)
    journal.points(1, ("loss",), [1.0])
    tail.refresh(tail.files(), {})
    (path,) = tail.files()
    folded = path.stat().st_size
    journal.columns(np.array([2, 3]), ("loss",), np.array([[2.0], [3.0]]))
    unfolded = tail.refresh(tail.files(), {path.name: Mark(folded, '{"attempt": 0, "shapes": {"1": ["loss"]}}')})
    assert unfolded.points("r", 0, "loss")[0].tolist() == [2, 3]
    assert tail.refresh(tail.files(), {path.name: Mark(folded, "", 1)}).keys("r") == {}


def test_a_journal_that_the_snapshot_needs_and_that_is_gone(journal, tmp_path):
    tail = Tail(tmp_path)
    with pytest.raises(FileNotFoundError, match="gone.journal"):
        tail.refresh(tail.files(), {"gone.journal": Mark(100, "")})
    assert tail.refresh(tail.files(), {"gone.journal": Mark(100, "")}, strict=False).live("r") is not None


def test_whose_writer_is_dead(journal, tmp_path):
    (tmp_path / "torn.journal").write_bytes(MAGIC[:4])
    assert Tail(tmp_path).dead() == [], "it may be being begun"
    os.utime(tmp_path / "torn.journal", (0, 0))
    assert [path.name for path in Tail(tmp_path).dead()] == ["torn.journal"]
    assert opening(journal.path).run == "r" and opening(tmp_path / "torn.journal") == (None, {}, None)
    assert Tail(tmp_path / "never").files() == []
