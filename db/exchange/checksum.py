"""The checksum of TensorFlow's records: CRC-32C, rotated and shifted so that it may stand inside what it covers.

https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/hash/crc32c.h
"""

from __future__ import annotations

import numpy as np


def masked_crc(data: bytes) -> int:
    """The masked CRC-32C of some bytes.

    >>> hex(masked_crc(b"123456789"))
    '0xc78ab0e5'
    """
    from google_crc32c import value

    crc: int = value(data)
    return (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF


def masked_crcs(rows: np.ndarray) -> np.ndarray:
    """The masked CRC-32C of each row of bytes [n, length] -> uint32 [n]."""
    data, length = np.ascontiguousarray(rows).tobytes(), rows.shape[1]
    return _of_pieces(data, range(0, len(data), max(length, 1)), length)


def checksums_fit(data: bytes, at: np.ndarray, length: int) -> np.ndarray:
    """Whether `length` bytes at each of the places `at` [n] have the checksum that stands behind them -> bool [n]."""
    if not len(at):
        return np.empty(0, bool)
    sums = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, np.uint8), 4)[at + length]
    fits: np.ndarray = _of_pieces(data, at.tolist(), length) == np.ascontiguousarray(sums).view("<u4")[:, 0]
    return fits


def _of_pieces(data: bytes, starts: range | list[int], length: int) -> np.ndarray:
    from google_crc32c import value

    crc = np.fromiter((value(data[at : at + length]) for at in starts), np.uint32, len(starts))
    return (crc >> np.uint32(15) | crc << np.uint32(17)) + np.uint32(0xA282EAD8)
