"""Singular values of the matrices: how much a layer can stretch its input, and how many directions it really uses.

By power iteration, from below: 20 iterations at the first measurement and 3 more at each one after it, from the vector
that was reached. A sharp spectrum is known to five digits, one whose largest values are alike to two.
"""

from __future__ import annotations

from ..measurement import Measured
from ..quantities.spectral_norms import SpectralNorms
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = 'pass the optimizer to watch, with preset="full"'


def largest(context: StepContext) -> Measured:
    """sigma_1 = max |W x| / |x| of each 2-dimensional parameter [matrices] (arXiv:1705.10941).

    It grows where a layer takes over.
    """
    found = context.state(SpectralNorms).look(context)
    return None if found is None else (found[0], found[1])


def effective_rank(context: StepContext) -> Measured:
    """|W|_F^2 / sigma_1^2 of each 2-dimensional parameter [matrices], from above: between 1 and the rank.

    It falls where a network loses the means to learn something new (arXiv:2406.06811).
    """
    found = context.state(SpectralNorms).look(context)
    return None if found is None else (found[0], found[2])


spectral_norm = Signal(
    "spectral_norm", largest, "Largest singular value of each matrix, by power iteration",
    title="Largest singular value by matrix", axes=("parameter",), price=Price.RARE, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
stable_rank = Signal(
    "stable_rank", effective_rank,
    "Squared Frobenius norm over squared largest singular value: directions that a matrix uses",
    title="Stable rank by matrix", axes=("parameter",), price=Price.RARE, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
