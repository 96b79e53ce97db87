"""Whether a spike stands alone: a single element is a fault, a whole row or layer that moves is the data's doing."""

from __future__ import annotations

from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """Elements with g^2 / (v_hat + eps^2) of at least a tenth of the tensor's largest, that one counted [tensors].

    On the host at the steps and for the tensors that have a spike. On ordinary text a line of a thousand dashes makes
    a hundred elements pass 5,000 together, with 16 peers or more; an element gone wrong has hardly any.
    """
    return None if seen.spikes is None else seen.spikes.peers


signal = Signal(
    "grad_spike_peers", measure, "Elements of each parameter near its largest g^2 / v: few mean a lone spike",
    axes=("parameter",), moment=Moment.BEFORE, price=Price.BRIEF, of_tensors=True,
)  # fmt: skip
