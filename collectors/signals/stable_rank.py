"""How many directions a matrix really uses: it falls where a network loses the means to learn something new."""

from __future__ import annotations

from ..numerics.spectra import Spectra
from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """|W|_F^2 / sigma_1^2 of each 2-dimensional parameter [matrices]: between 1 and the rank (arXiv:2406.06811).

    sigma_1 as in `spectral_norm`, so from above.
    """
    found = seen.layout.keep(Spectra).look(seen)
    return None if found is None else (found[0], found[2])


signal = Signal(
    "stable_rank", measure, "Squared Frobenius norm over squared largest singular value: directions that a matrix uses",
    axes=("parameter",), price=Price.RARE, of_tensors=True,
)  # fmt: skip
