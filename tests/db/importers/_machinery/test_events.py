"""Scalars of TensorBoard's events."""

import struct

from barograph.db.importers._machinery import tfrecord
from barograph.db.importers._machinery.events import scalars
from tests.db.importers._machinery.test_tfrecord import framed


def event(wall: float, step: int, tag: bytes, value: float, double: bool = False) -> bytes:
    number = b"\x15" + struct.pack("<f", value)  # simple_value
    if double:  # a tensor
        number = b"\x42\x0e\x08\x02\x12\x00\x32\x08" + struct.pack("<d", value)
    inner = b"\x0a" + bytes([len(tag)]) + tag + number
    summary = b"\x0a" + bytes([len(inner)]) + inner
    return b"\x09" + struct.pack("<d", wall) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary


def found_in(tmp_path, records: list[bytes]):
    (tmp_path / "a").write_bytes(b"".join(records))
    (some,) = tfrecord.read(tmp_path / "a", lambda size: None)
    return scalars(some)


def test_values_come_in_the_order_of_their_records(tmp_path):
    records = [framed(event(1.5 + n, n, b"loss" if n % 2 else b"lr", n / 4, double=n > 5)) for n in range(10)]
    found = found_in(tmp_path, records)
    assert found.steps.tolist() == list(range(10)) and found.wall.tolist() == [1.5 + n for n in range(10)]
    assert found.values.tolist() == [n / 4 for n in range(10)] and found.damaged == []
    assert [found.tags[tag] for tag in found.tag.tolist()] == ["lr", "loss"] * 5


def test_a_record_with_a_wrong_checksum_is_left_out_and_named(tmp_path):
    records = [framed(event(1.0, n, b"loss", n)) for n in range(5)]
    records[2] = records[2][:-1] + bytes([records[2][-1] ^ 1])
    found = found_in(tmp_path, records)
    assert found.steps.tolist() == [0, 1, 3, 4] and found.damaged == [2 * len(records[0])]


def test_what_is_no_event_is_damage_and_what_has_no_scalar_is_nothing(tmp_path):
    version = framed(b"\x09" + struct.pack("<d", 1.0) + b"\x1a\x0dbrain.Event:2")
    found = found_in(tmp_path, [version, framed(b"\xff\xff\xff"), framed(event(1.0, 1, b"x", 2.0))])
    assert found.values.tolist() == [2.0] and found.damaged == [len(version)]
