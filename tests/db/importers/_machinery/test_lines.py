"""A file by pieces, and what follows it."""

import os

import pytest

from barograph.db.importers._machinery import lines
from barograph.db.importers._machinery.lines import Follow, Replaced


def text_of(path, **options):
    return [(piece.first, piece.lines, piece.whole) for piece in lines.read(path, lambda size: None, **options)]


@pytest.mark.parametrize("keep_open", [True, False])
def test_lines_have_their_numbers_and_the_last_may_lack_its_end(tmp_path, monkeypatch, keep_open):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo\nthr\xff\nfour")
    found = text_of(path, keep_open=keep_open)
    assert found == [(1, ["one", "two", "thr\ufffd"], True), (4, ["four"], False)]
    monkeypatch.setattr(lines, "PIECE", 64 * 5)
    whole = [line for _, some, _ in text_of(path, keep_open=keep_open) for line in some]
    assert whole == ["one", "two", "thr\ufffd", "four"]


def test_a_meter_gets_every_byte(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"x" * 1000 + b"\n")
    seen = []
    list(lines.read(tmp_path / "a.txt", seen.append))
    assert sum(seen) == 1001


def test_one_that_follows_goes_on_where_it_stopped_and_notices_another_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\n")
    following = lines.read(path, Follow())
    assert next(following).lines == ["one"] and next(following) is None
    with open(path, "a") as file:
        file.write("two\n")
    assert next(following) == (2, ["two"], True) and next(following) is None
    (tmp_path / "b.txt").write_text("another\n")
    os.replace(tmp_path / "b.txt", path)
    with pytest.raises(Replaced):
        next(following)


def test_readers_take_turns_until_each_has_no_more():
    def reader(*found):
        yield from found

    assert list(lines.in_turn([reader(1, None, 3), reader(2, None)])) == [1, 2, None, 3]
