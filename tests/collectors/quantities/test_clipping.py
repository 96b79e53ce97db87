"""What is known of the clippings of a step."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.hooks.clipping import Clip
from barograph.collectors.quantities.clipping import clip_coefficients, clipping_known, whole_clip
from tests.collectors.one_step import context


def test_one_call_for_all_tensors():
    step = context(clip=0.5)
    assert clipping_known(step) and whole_clip(step) is step.clips[-1]
    assert float(clip_coefficients(step)) == pytest.approx(0.5)


def test_a_call_for_one_tensor_leaves_the_others_alone():
    step = context()
    step.clips = [Clip((id(step.params[1]),), torch.tensor(10.0), 1.0)]
    assert whole_clip(step) is None and clip_coefficients(step).tolist() == pytest.approx([1.0, 0.1])


def test_a_call_that_leaves_no_coefficient_is_not_known():
    step = context()
    step.clips = [Clip(tuple(step.ids), None, 1.0, float("inf"))]
    assert not clipping_known(step) and clip_coefficients(step) is None
    with pytest.raises(ValueError, match="no coefficient"):
        step.clips[0].coefficient()
