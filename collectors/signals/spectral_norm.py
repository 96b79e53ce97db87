"""Largest singular value of each matrix: what a layer can stretch at most; it grows where a layer takes over."""

from __future__ import annotations

from ..numerics.spectra import Spectra
from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """sigma_1 = max |W x| / |x| of each 2-dimensional parameter [matrices], by power iteration.

    From below: 20 iterations at the first look and 3 more at each one after it, from the vector that was reached. A
    sharp spectrum is told to five digits, one whose largest values are alike to two (arXiv:1705.10941).
    """
    found = seen.layout.keep(Spectra).look(seen)
    return None if found is None else (found[0], found[1])


signal = Signal(
    "spectral_norm", measure, "Largest singular value of each matrix, by power iteration",
    axes=("parameter",), price=Price.RARE, of_tensors=True,
)  # fmt: skip
