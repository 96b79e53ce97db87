"""Singular values of the matrices: how much a layer can stretch its input, and how many directions it really uses.

By Lanczos iteration, from below: 20 products with the matrix at the first measurement and 3 more at each one after it,
from the vector that was reached. `spectral_residual` says how far each is from converged.
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
    return None if found is None else (found[0], found[1][0])


def effective_rank(context: StepContext) -> Measured:
    """|W|_F^2 / sigma_1^2 of each 2-dimensional parameter [matrices], from above: between 1 and the rank.

    It falls where a network loses the means to learn something new (arXiv:2406.06811). Too high by about twice the
    relative error of sigma_1: read it where `spectral_residual` is below .01.
    """
    found = context.state(SpectralNorms).look(context)
    return None if found is None else (found[0], found[1][1])


def unconverged(context: StepContext) -> Measured:
    """|W'W v - s^2 v| / s^2 [matrices] of the vector v by which sigma_1 was found to be s: 0 where it has converged.

    Some singular value lies within half of that part of s; it is large where the largest ones are alike.
    """
    found = context.state(SpectralNorms).look(context)
    return None if found is None else (found[0], found[1][2])


spectral_norm = Signal(
    "spectral_norm", largest, "Largest singular value of each matrix, by Lanczos iteration",
    title="Largest singular value by matrix", axes=("parameter",), price=Price.RARE, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
stable_rank = Signal(
    "stable_rank", effective_rank,
    "Squared Frobenius norm over squared largest singular value: directions that a matrix uses",
    title="Stable rank by matrix", axes=("parameter",), price=Price.RARE, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
spectral_residual = Signal(
    "spectral_residual", unconverged,
    "How far the largest singular value of each matrix is from converged; below .01 it and the stable rank can be read",
    title="Residual of the largest singular value", axes=("parameter",), price=Price.RARE, of_tensors=True,
    remedy=REMEDY,
)  # fmt: skip
