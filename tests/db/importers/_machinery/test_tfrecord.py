"""Records of TensorFlow's files, whole and damaged."""

import struct

import pytest

from barograph.db.exchange.checksum import masked_crc
from barograph.db.importers._machinery import tfrecord


def framed(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", masked_crc(head)) + data + struct.pack("<I", masked_crc(data))


def read(path):
    """(contents, damaged places) of a file."""
    contents, damaged = [], []
    for some in tfrecord.read(path, lambda size: None):
        contents += [some.data[at : at + n] for at, n in zip(some.at.tolist(), some.length.tolist(), strict=True)]
        damaged += some.damaged
    return contents, damaged


CONTENTS = [b"a" * n for n in (1, 30, 7, 300, 30)]


@pytest.mark.parametrize("piece", [50, 101, 8 << 20])
def test_records_come_whole_however_the_file_is_cut(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(tfrecord, "PIECE", piece)
    (tmp_path / "a").write_bytes(b"".join(map(framed, CONTENTS)))
    assert read(tmp_path / "a") == (CONTENTS, [])


def test_after_damage_the_next_length_that_fits_is_the_next_record(tmp_path):
    blocks = [framed(content) for content in CONTENTS]
    blocks[1] = b"\xff" + blocks[1][1:]
    (tmp_path / "a").write_bytes(b"".join(blocks))
    assert read(tmp_path / "a") == (CONTENTS[:1] + CONTENTS[2:], [len(blocks[0])])


def test_a_record_that_is_cut_off_is_damage_at_its_first_byte(tmp_path):
    blocks = [framed(content) for content in CONTENTS]
    (tmp_path / "a").write_bytes(b"".join(blocks)[:-1])
    assert read(tmp_path / "a") == (CONTENTS[:-1], [sum(map(len, blocks[:-1]))])
