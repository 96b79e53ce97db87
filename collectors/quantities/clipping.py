"""What clipping has done to the gradients of a step."""

from __future__ import annotations

import torch
from torch import Tensor

from ..hooks.clipping import Clip, all_calls_seen
from ..step_context import StepContext, shared


@shared
def clipping_known(context: StepContext) -> bool:
    """Whether the coefficient of every clipping is known, so that norms before it can be computed."""
    sharded, clips = context.layout.sharded, context.clips
    if any(clip.total is None for clip in clips) or (sharded and clips):
        return False
    return bool(clips) or (all_calls_seen() and (not sharded or context.layout.roots is not None))


@shared
def whole_clip(context: StepContext) -> Clip | None:
    """The last clipping, where it covered just the tensors of this optimizer that have a gradient."""
    clip = context.clips[-1] if context.clips and clipping_known(context) else None
    return clip if clip is not None and context.ids == set(clip.ids) else None


@shared
def clip_coefficients(context: StepContext) -> Tensor | None:
    """What clipping multiplied the gradients by: 0-d where one call did it all, else [len(names)]; None: no call.

    Where a parameter was clipped several times in one step the last call counts: it saw the gradient that
    had been accumulated by then.
    """
    whole = whole_clip(context)
    if whole is not None:
        return whole.coefficient()
    by_id = {i: clip for clip in context.clips for i in clip.ids}
    found = [by_id.get(id(p)) for p in context.params]
    if not clipping_known(context) or not any(found):
        return None
    values = {id(clip): clip.coefficient() for clip in by_id.values()}
    values[id(None)] = torch.ones(())
    each = [values[id(clip)].to(context.layout.device) for clip in found]
    return each[0] if all(clip is found[0] for clip in found) else torch.stack(each)
