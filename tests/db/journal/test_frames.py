"""A journal's bytes: what was whole is read, what was torn or changed stops the reading there, without a crash."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.db.journal import frames
from barograph.db.journal.frames import COLUMNS, MAGIC, NOTE, POINTS, SHAPE, Cursor, Note, frame

KEYS = ["loss", ["norm", "layer.2", "7"]]


def journal() -> tuple[bytes, list[int]]:
    """A small journal's bytes after the magic, and where each frame ends."""
    parts = [
        frame(NOTE, 0, frames.json_body({"run": {"id": "r", "process": {}}})),
        frame(NOTE, 0, frames.json_body({"attempt": {"number": 0, "from_step": 0}})),
        frame(SHAPE, 1, frames.json_body(KEYS)),
        *(frame(POINTS, 1, frames.points_packer(2)(step, step / 3, math.nan)) for step in range(5)),
        frame(COLUMNS, 1, frames.columns_body(np.arange(5, 9), np.ones((4, 2)))),
        frame(NOTE, 0, frames.json_body({"attempt": {"number": 1, "from_step": 6}})),
        frame(POINTS, 1, frames.points_packer(2)(7, 1.5, math.inf)),
    ]
    return b"".join(parts), np.cumsum([len(part) for part in parts]).tolist()


def points(data: bytes) -> tuple[list, str | None, int]:
    """Every (attempt, step, loss, norm) in order of attempt and step, what stopped the reading, and where."""
    cursor = Cursor()
    blocks, _, stopped = frames.read(data, cursor)
    rows = [
        (block.attempt, int(step), *map(repr, row.tolist()))
        for block in blocks
        for step, row in zip(block.steps, block.values, strict=True)
    ]
    return sorted(rows), stopped, cursor.offset - len(MAGIC)


def test_a_whole_journal_is_read_back():
    data, ends = journal()
    rows, stopped, offset = points(data)
    assert stopped is None and offset == len(data) == ends[-1]
    assert [row[:2] for row in rows] == [(0, step) for step in range(9)] + [(1, 7)]
    assert rows[1][2:] == (repr(1 / 3), "nan") and rows[-1][2:] == ("1.5", "inf")


def test_frames_between_frames_of_another_shape_are_read_back():
    other = frame(SHAPE, 2, frames.json_body(["lr"]))
    pack, narrow = frames.points_packer(2), frames.points_packer(1)
    data = journal()[0] + other
    for step in range(20, 30):
        data += frame(POINTS, 1, pack(step, step, -step)) + frame(POINTS, 2, narrow(step, step / 7))
    blocks, _, _ = frames.read(data, Cursor())
    lr = next(block for block in blocks if block.keys == ("lr",))
    assert lr.steps.tolist() == list(range(20, 30)) and lr.values[:, 0].tolist() == [s / 7 for s in range(20, 30)]
    wide = next(block for block in blocks if 25 in block.steps and len(block.keys) == 2)
    assert wide.values[wide.steps == 25].tolist() == [[25.0, -25.0]]


def test_torn_anywhere_keeps_the_whole_frames_before():
    data, ends = journal()
    for at in range(len(data) + 1):
        rows, stopped, offset = points(data[:at])
        whole = max((end for end in ends if end <= at), default=0)
        assert offset == whole
        assert stopped == (None if at == whole else "unfinished")
        assert rows == points(data[:whole])[0]


def test_any_changed_byte_is_noticed_and_costs_its_frame_only():
    data, ends = journal()
    whole = points(data)[0]
    for at in range(len(data)):
        for change in (0x01, 0x80, 0xFF):
            bad = bytearray(data)
            bad[at] ^= change
            rows, stopped, offset = points(bytes(bad))
            begin = max((end for end in ends if end <= at), default=0)
            end = min(end for end in ends if end > at)
            if end == ends[-1]:
                assert stopped in ("damaged", "unfinished") and offset == begin
            else:
                assert stopped is None and offset == len(data)
            notes = frames.read(bytes(bad), Cursor())[1]
            said = [note.entry["event"]["text"] for note in notes if "event" in note.entry]
            if end < ends[-1]:
                assert f"bytes {8 + begin} to {7 + end} of its journal are damaged" in said[0]
            if begin == ends[1]:  # the names of the series: nothing is left that can be told apart
                assert rows == [] and "without the names of their series" in said[1]
            elif begin == ends[8]:  # the second attempt's beginning: its point stands under the first
                assert [row[1:] for row in rows] != [] and rows[-2][1:] == whole[-1][1:]
            else:
                lost = {2 + step: [step] for step in range(5)} | {7: list(range(5, 9)), 9: [7]}
                gone = lost.get(ends.index(end) - 1, []) if ends.index(end) > 2 else []
                attempt = 1 if end == ends[-1] else 0
                assert rows == [row for row in whole if not (row[0] == attempt and row[1] in gone)], (at, change)


def test_what_is_missing_is_said_with_the_steps_around_it():
    data, ends = journal()
    bad = bytearray(data)
    bad[ends[3] + 20] ^= 1
    (said,) = (note for note in frames.read(bytes(bad), Cursor())[1] if "event" in note.entry)
    assert said.entry["event"]["text"].endswith("was recorded there, after step 0 and before step 2, is missing")
    assert said.entry["event"]["step"] == 0 and said.offset == 8 + ends[3] and said.attempt == 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_rubbish_never_crashes_the_reader(rubbish, keep):
    data = journal()[0]
    frames.read(data[:keep] + rubbish, Cursor())
    frames.read(rubbish, Cursor())


def test_reading_goes_on_from_a_saved_cursor():
    data, ends = journal()
    for end in ends:
        cursor = Cursor()
        frames.read(data[:end], cursor)
        again = Cursor.from_json(cursor.offset, cursor.to_json())
        assert again == cursor
        blocks, notes, stopped = frames.read(data[end:], again)
        assert stopped is None and again.offset == len(MAGIC) + len(data)
        assert all(block.order.min() >= len(MAGIC) + end for block in blocks)
        assert all(note.offset >= len(MAGIC) + end for note in notes)


def test_a_note_knows_its_attempt():
    notes = frames.read(journal()[0], Cursor())[1]
    assert [note.attempt for note in notes] == [0, 0, 1]
    assert isinstance(notes[0], Note) and notes[0].entry["run"]["id"] == "r"


class Odd:
    def __str__(self):
        raise RuntimeError("no words for it")


def test_whatever_a_user_puts_into_a_note_can_be_written():
    loop: dict = {"lr": 1e-3, (1, 2): "a key that is no string", "bytes": b"\xff", "odd": Odd(), "half": "\ud800"}
    loop["itself"] = loop
    loop["digits"] = 10**5000  # more than Python writes out
    note = frame(NOTE, 0, frames.json_body({"update": {"config": loop}}))
    (read,) = frames.read(note, Cursor())[1]
    config = read.entry["update"]["config"]
    assert config["lr"] == 1e-3 and config["(1, 2)"] == "a key that is no string" and config["half"] == "?"
    assert "RuntimeError" in config["odd"]
    alone = frames.read(frame(NOTE, 0, frames.json_body({"event": {"data": Odd()}})), Cursor())[1][0]
    assert "RuntimeError" in alone.entry["event"]["data"]


def test_a_key_is_the_same_however_it_is_written():
    assert frames.as_key(["loss"]) == frames.as_key("loss") == "loss"
    assert frames.as_key(["norm", 3]) == ("norm", "3")
