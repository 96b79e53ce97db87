"""Gradient elements that are far larger than they have been of late: one in a million hardly moves a norm.

The score of an element is g^2 / (v_hat + eps^2), v_hat the optimizer's second moment before the step: 1 is usual, over
5,000 is a spike (`quantities/gradient_spikes.py`).
"""

from __future__ import annotations

from ..measurement import Measured, Moment
from ..quantities.gradient_spikes import gradient_spikes
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = 'pass an Adam-like optimizer to watch, with preset="standard" or "full"'


def largest_of_all(context: StepContext) -> Measured:
    """max over all elements of the score, 0-d: the one number that a detector watches."""
    found = gradient_spikes(context)
    return None if found is None else found.largest.amax()


def largest_by_tensor(context: StepContext) -> Measured:
    """max over the elements of the score [tensors]."""
    found = gradient_spikes(context)
    return None if found is None else (found.names, found.largest)


def share(context: StepContext) -> Measured:
    """Elements with a score over 5,000, of all elements [tensors]: one of them, a row, or a layer that wakes up.

    At every tenth step; on the host at every step that has a spike.
    """
    found = gradient_spikes(context)
    return None if found is None or found.shares is None else (found.names, found.shares)


def peers(context: StepContext) -> Measured:
    """Elements with a score of at least a tenth of the tensor's largest, that one counted [tensors].

    A single element is a fault, a whole row or layer that moves is the data's doing: on ordinary text a line of a
    thousand dashes makes a hundred elements pass 5,000 together, with 16 peers or more; an element gone wrong has
    hardly any. On the host at the steps and for the tensors that have a spike.
    """
    found = gradient_spikes(context)
    return None if found is None else found.peers


grad_spike = Signal(
    "grad_spike", largest_of_all,
    "Largest g^2 / v of any gradient element, v the optimizer's second moment before the step",
    title="Largest gradient spike", better="lower", moment=Moment.BEFORE, price=Price.BRIEF, of_tensors=True,
    remedy=REMEDY,
)  # fmt: skip
grad_spike_max = Signal(
    "grad_spike_max", largest_by_tensor,
    "Largest g^2 / v of each parameter's elements, v the second moment before the step",
    title="Largest gradient spike by tensor", axes=("parameter",), better="lower", moment=Moment.BEFORE,
    price=Price.BRIEF, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
grad_spike_share = Signal(
    "grad_spike_share", share, "Share of each parameter's elements with g^2 / v over 5,000",
    title="Share of spiking gradient elements by tensor", axes=("parameter",), better="lower", moment=Moment.BEFORE,
    price=Price.BRIEF, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
grad_spike_peers = Signal(
    "grad_spike_peers", peers, "Elements of each parameter near its largest g^2 / v: few mean a lone spike",
    title="Elements near the largest gradient spike by tensor", axes=("parameter",), moment=Moment.BEFORE,
    price=Price.BRIEF, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
