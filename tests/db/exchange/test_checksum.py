"""The checksum of TensorFlow's records, one by one and many at once."""

import struct

import numpy as np

from barograph.db.exchange.checksum import checksums_fit, masked_crc, masked_crcs

PUBLISHED = 0xE3069283  # the check value of CRC-32C, of b"123456789"
MASKED = ((PUBLISHED >> 15 | PUBLISHED << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_the_checksum_is_crc_32c():
    """The published check value of CRC-32C, masked as the record format asks for."""
    assert masked_crc(b"123456789") == MASKED
    assert masked_crcs(np.frombuffer(b"123456789", np.uint8)[None])[0] == MASKED


def test_rows_have_the_checksums_of_their_bytes():
    rows = np.random.default_rng(0).integers(0, 256, (50, 17), np.uint8)
    assert masked_crcs(rows).tolist() == [masked_crc(row.tobytes()) for row in rows]
    assert masked_crcs(rows[:, ::2]).tolist() == [masked_crc(row.tobytes()) for row in rows[:, ::2]]
    assert masked_crcs(rows[:0]).tolist() == []


def test_what_fits_is_found_wherever_it_stands():
    whole = b"123456789" + struct.pack("<I", MASKED)
    data = b"xx" + whole + b"y" + whole[:-1] + b"!"
    assert checksums_fit(data, np.array([2, 16, 0]), 9).tolist() == [True, False, False]
    assert checksums_fit(data, np.array([], int), 9).tolist() == []
