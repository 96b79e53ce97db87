"""The wire format of protocol buffers."""

import struct

import pytest

from barograph.db.importers._machinery import protobuf as pb


def test_fields_of_every_wire_type():
    data = b"\x08\x96\x01" + b"\x12\x02hi" + b"\x19" + struct.pack("<d", 1.5) + b"\x25" + struct.pack("<f", 2.5)
    found = list(pb.fields(data))
    assert [(number, wire) for number, wire, *_ in found] == [
        (1, pb.VARINT), (2, pb.BYTES), (3, pb.FIXED64), (4, pb.FIXED32),
    ]  # fmt: skip
    assert pb.varint(data, found[0][2], found[0][3])[0] == 150 and pb.text(data, *found[1][2:]) == "hi"
    assert pb.double(data, found[2][2]) == 1.5


@pytest.mark.parametrize("data", [b"\x08", b"\x12\x05hi", b"\x00\x00", b"\x0b", b"\x19\x00", b"\x08" + b"\xff" * 11])
def test_what_is_no_message_is_an_error(data):
    with pytest.raises(ValueError):
        list(pb.fields(data))


def test_negative_integers():
    assert pb.signed(pb.varint(b"\xff" * 9 + b"\x01", 0, 10)[0]) == -1 and pb.signed(5) == 5


def test_values_inside_values_end_somewhere():
    value = b"\x1a\x01x"  # the string "x"
    assert pb.any_value(value, 0, len(value)) == "x"
    for _ in range(100):
        inner = b"\x0a" + bytes([len(value)]) + value if len(value) < 120 else b"\x0a\x03" + b"\x1a\x01x"
        value = b"\x32" + bytes([len(inner)]) + inner
    found, depth = pb.any_value(value, 0, len(value)), 0
    while isinstance(found, list):
        found, depth = found[0], depth + 1
    assert 0 < depth <= 51
