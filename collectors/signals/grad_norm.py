"""Global gradient norm before clipping: spikes of it come with bad batches and with instabilities of the optimizer."""

from __future__ import annotations

from torch import Tensor

from ..signal import Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """|g| = sqrt(sum over all elements of g^2), 0-d, unscaled, of the whole accumulated step.

    Where the loop clips, it is what clipping itself has computed and costs nothing. None where an unknown clipping
    came first: `grad_norm_applied` tells what is left to tell.
    """
    return seen.grad_norm if seen.rows else None


signal = Signal(
    "grad_norm", measure, "Global gradient norm before clipping",
    moment=Moment.BEFORE, price=Price.PASS, free=lambda seen: seen.returned_norm is not None, of_tensors=True,
    across="norm",
)  # fmt: skip
