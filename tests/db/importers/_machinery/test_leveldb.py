"""LevelDB's log format, as wandb writes it."""

import struct
from zlib import crc32

import pytest

from barograph.db.importers._machinery import leveldb


def piece(kind: int, data: bytes) -> bytes:
    return struct.pack("<IHB", crc32(data, crc32(bytes([kind]))), len(data), kind) + data


def read(path, content: bytes):
    path.write_bytes(b"HEADER!" + content)
    return list(leveldb.read(path, 7, lambda size: None))


FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def test_records_of_one_piece_and_of_several(tmp_path):
    content = piece(FULL, b"one") + piece(FIRST, b"t") + piece(MIDDLE, b"w") + piece(LAST, b"o")
    assert read(tmp_path / "a", content) == [(7, b"one"), (17, b"two")]


def test_a_damaged_piece_costs_its_block_and_the_next_block_begins_anew(tmp_path):
    bad = piece(FULL, b"bad")[:-1] + b"x"
    first = piece(FULL, b"good") + bad + piece(FULL, b"unseen")
    content = first + bytes(leveldb.BLOCK - 7 - len(first)) + piece(FULL, b"next")
    assert read(tmp_path / "a", content) == [(7, b"good"), (18, None), (leveldb.BLOCK, b"next")]


@pytest.mark.parametrize("content", [piece(FIRST, b"half"), piece(FULL, b"cut")[:-1], piece(LAST, b"no beginning")])
def test_what_is_incomplete_is_named_by_its_first_byte(tmp_path, content):
    assert read(tmp_path / "a", content) == [(7, None)]


def test_room_that_was_set_aside_is_nothing(tmp_path):
    assert read(tmp_path / "a", piece(FULL, b"x") + bytes(100)) == [(7, b"x")]
