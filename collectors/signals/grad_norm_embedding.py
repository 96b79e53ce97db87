"""Gradient norm of the embedding tables: in a published 130B run it exploded a few steps before the loss did."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics.norms import l2
from ..signal import Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """sqrt(sum over the tables' elements of g^2), 0-d, before clipping where known (GLM-130B, arXiv:2210.02414).

    Tables are the weights of nn.Embedding and nn.EmbeddingBag; one that is tied to the output layer is a table too, and
    its gradient is the sum of both. None where the model has no table, or was not given.
    """
    at = [i for i, row in enumerate(seen.rows) if row in seen.layout.embeddings]
    if not at:
        return None
    norms = l2([seen.grads[i] for i in at])
    if seen.grad_scale is not None:
        norms = norms / seen.grad_scale
    if seen.coefficients is not None:
        norms = norms / (seen.coefficients if seen.coefficients.dim() == 0 else seen.coefficients[at])
    return torch.linalg.vector_norm(norms)


signal = Signal(
    "grad_norm_embedding", measure, "Norm of the embedding tables' gradients, before clipping where that is known",
    moment=Moment.BEFORE, price=Price.SWEEP, of_tensors=True,
)  # fmt: skip
