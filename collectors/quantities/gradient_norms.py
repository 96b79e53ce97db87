"""Norms of the gradients of a step, as the optimizer receives them and as they were before clipping."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics.norms import l2
from ..numerics.sharding import local, replicas
from ..step_context import StepContext, shared
from .clipping import clip_coefficients, clipping_known, whole_clip


@shared
def received_norms(context: StepContext) -> Tensor:
    """Of each tensor as the optimizer receives it [len(names)]."""
    norms = l2(context.grads)
    return norms if context.grad_scale is None else norms / context.grad_scale


@shared
def unclipped_norms(context: StepContext) -> Tensor:
    """Of each tensor as it was before clipping [len(names)]: received / coefficient."""
    coefficients = clip_coefficients(context)
    return received_norms(context) if coefficients is None else received_norms(context) / coefficients


@shared
def norm_from_clipping(context: StepContext) -> Tensor | None:
    """The global norm that clipping itself has computed, where one call of order 2 covered just these tensors."""
    clip = whole_clip(context)
    if clip is None or clip.total is None or clip.kind != 2.0:
        return None
    return clip.total if clip.scale is None else clip.total / clip.scale


@shared
def global_norm(context: StepContext) -> Tensor | None:
    """Before clipping, 0-d, or this rank's share of it (`rank_share`); None where it is not known."""
    known = norm_from_clipping(context)
    if known is not None:
        return known
    if not clipping_known(context):
        return _share_of_clipped(context)
    return torch.linalg.vector_norm(context.rank_share(unclipped_norms(context)))


def _share_of_clipped(context: StepContext) -> Tensor | None:
    """Of many ranks' shards: this rank's share of the norm that one clipping of just these tensors has computed."""
    clip = context.clips[0] if len(context.clips) == 1 and context.layout.roots is not None else None
    if clip is None or clip.total is None or clip.kind != 2.0 or context.ids != set(clip.ids):
        return None
    share = local(clip.total) / replicas(clip.total) ** 0.5
    return share if clip.scale is None else share / local(clip.scale)
