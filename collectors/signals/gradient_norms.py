"""Sizes of the gradients: of all of them, by module and tensor, of the embeddings, and against Adam's epsilon."""

from __future__ import annotations

import torch
from torch import Tensor

from ..measurement import Measured, Moment, NotMeasured
from ..numerics.norms import l1, l2, largest
from ..quantities.clipping import clip_coefficients, clipping_known
from ..quantities.gradient_norms import global_norm, norm_from_clipping, received_norms, unclipped_norms
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = "pass the optimizer to watch"
BY_TENSOR = 'pass the optimizer to watch, with preset="standard" or "full"'
DEEP = 'pass the optimizer to watch, with preset="full"'


def norm(context: StepContext) -> Measured:
    """|g| = sqrt(sum over all elements of g^2), 0-d, unscaled, of the whole accumulated step, before clipping.

    Spikes of it come with bad batches and with instabilities of the optimizer. Where the loop clips, it is what
    clipping itself has computed and costs nothing. None where a clipping that cannot be undone came first: then there
    is `grad_norm_applied`.
    """
    return global_norm(context) if context.rows else None


def norm_applied(context: StepContext) -> Measured:
    """|g| = sqrt(sum over all elements of g^2), 0-d, after whatever clipping; None where `grad_norm` is known."""
    if not context.rows or global_norm(context) is not None:
        return None
    return torch.linalg.vector_norm(context.rank_share(received_norms(context)))


def norm_by_tensor(context: StepContext) -> Measured:
    """|g_i| = sqrt(sum of g_i^2) [tensors], before clipping where known: which layer a spike comes from."""
    return (context.names, context.rank_share(unclipped_norms(context))) if context.rows else None


def norm_by_module(context: StepContext) -> Measured:
    """sqrt(sum over the module's own tensors of |g_i|^2) [modules], before clipping where that is known."""
    if not context.rows:
        return None
    modules, owner = context.layout.modules(context.names)
    norms = context.rank_share(unclipped_norms(context))
    squares = torch.zeros(len(modules), dtype=norms.dtype, device=norms.device)
    return modules, squares.index_add_(0, owner, norms.square()).sqrt()


def norm_of_embeddings(context: StepContext) -> Measured:
    """sqrt(sum over the tables' elements of g^2), 0-d, before clipping where known.

    In a published 130B run it exploded a few steps before the loss did (GLM-130B, arXiv:2210.02414). Tables are the
    weights of nn.Embedding and nn.EmbeddingBag; one that is tied to the output layer is a table too, and its gradient
    is the sum of both. None where the model has no table, or was not given.
    """
    at = [i for i, row in enumerate(context.rows) if row in context.layout.embeddings]
    if not at:
        return None
    norms = l2([context.grads[i] for i in at])
    if context.grad_scale is not None:
        norms = norms / context.grad_scale
    coefficients = clip_coefficients(context)
    if coefficients is not None:
        norms = norms / (coefficients if coefficients.dim() == 0 else coefficients[at])
    return torch.linalg.vector_norm(norms)


def l1_norm(context: StepContext) -> Measured:
    """sum over all elements of |g|, 0-d, before clipping; None where clipping was not the same for all tensors.

    It bounds what a sign-like optimizer such as Adam can gain in a step.
    """
    if not context.rows or not clipping_known(context):
        return None
    total = l1(context.grads, context.layout.scratch)
    total = total if context.grad_scale is None else total / context.grad_scale
    coefficients = clip_coefficients(context)
    if coefficients is None:
        return total
    return total / coefficients if coefficients.dim() == 0 else None


def largest_element(context: StepContext) -> Measured:
    """max |g_i| over the elements of each tensor [tensors], before clipping where that is known.

    One element a thousand times its usual size hardly moves the norm.
    """
    if not context.rows:
        return None
    found: Tensor = largest(context.grads)
    found = found if context.grad_scale is None else found / context.grad_scale
    coefficients = clip_coefficients(context)
    return context.names, found if coefficients is None else found / coefficients


def rms_to_epsilon(context: StepContext) -> Measured:
    """sqrt(mean over the tensor's elements of g^2) / eps [tensors], g as the optimizer receives it.

    Under about 10 epsilon is no longer small beside sqrt(v): the steps shrink and training stalls under a perfectly
    calm plot (arXiv:2309.14322). Raises NotMeasured where the optimizer has no epsilon of that meaning.
    """
    if not context.rows:
        return None
    groups = [context.optimizer.param_groups[context.layout.group_of[row]] for row in context.rows]
    if not all("betas" in group and isinstance(group.get("eps"), float) and group["eps"] > 0 for group in groups):
        raise NotMeasured(f"{type(context.optimizer).__name__} has no epsilon beside a second moment here")
    floors = [group["eps"] * max(1, g.numel()) ** 0.5 for group, g in zip(groups, context.grads, strict=True)]
    norms = received_norms(context)
    return context.names, norms / torch.tensor(floors, dtype=norms.dtype, device=context.layout.device)


grad_norm = Signal(
    "grad_norm", norm, "Global gradient norm before clipping", title="Gradient norm", moment=Moment.BEFORE,
    price=Price.PASS, free=lambda context: norm_from_clipping(context) is not None, of_tensors=True, across="norm",
    remedy=REMEDY,
)  # fmt: skip
grad_norm_applied = Signal(
    "grad_norm_applied", norm_applied, "Global norm of the gradients that the optimizer receives, after clipping",
    title="Gradient norm, after clipping", moment=Moment.BEFORE, price=Price.PASS, of_tensors=True, across="norm",
    remedy=REMEDY,
)  # fmt: skip
grad_norm_tensor = Signal(
    "grad_norm_tensor", norm_by_tensor, "Gradient norm of each parameter, before clipping where that is known",
    title="Gradient norm by tensor", axes=("parameter",), moment=Moment.BEFORE, price=Price.SWEEP, of_tensors=True,
    across="norm", remedy=BY_TENSOR,
)  # fmt: skip
grad_norm_module = Signal(
    "grad_norm_module", norm_by_module,
    "Gradient norm of each module's own parameters, before clipping where that is known",
    title="Gradient norm by module", axes=("module",), moment=Moment.BEFORE, price=Price.SWEEP, of_tensors=True,
    across="norm", remedy=BY_TENSOR,
)  # fmt: skip
grad_norm_embedding = Signal(
    "grad_norm_embedding", norm_of_embeddings,
    "Norm of the embedding tables' gradients, before clipping where that is known",
    title="Gradient norm of the embeddings", moment=Moment.BEFORE, price=Price.SWEEP, of_tensors=True,
    remedy='pass model and optimizer to watch, with preset="standard" or "full"',
)  # fmt: skip
grad_l1 = Signal(
    "grad_l1", l1_norm, "Global L1 norm of the gradients before clipping", title="L1 norm of the gradients",
    moment=Moment.BEFORE, price=Price.TREND, of_tensors=True, remedy=BY_TENSOR,
)  # fmt: skip
grad_max_tensor = Signal(
    "grad_max_tensor", largest_element,
    "Largest gradient element of each parameter, before clipping where that is known",
    title="Largest gradient element by tensor", axes=("parameter",), moment=Moment.BEFORE, price=Price.DEEP,
    of_tensors=True, across="max", remedy=DEEP,
)  # fmt: skip
grad_rms_to_eps = Signal(
    "grad_rms_to_eps", rms_to_epsilon, "Root mean square of each parameter's gradient over the optimizer's epsilon",
    title="Gradient size over epsilon by tensor", axes=("parameter",), better="higher", moment=Moment.BEFORE,
    price=Price.SWEEP, of_tensors=True, remedy='pass an Adam-like optimizer to watch, with preset="standard" or "full"',
)  # fmt: skip
