"""Attention of two keys, one of which has all the weight."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.hooks.forward_statistics import ForwardStatistics
from barograph.collectors.signals import attention, discover
from tests.collectors.one_step import context, values

OURS = [signal for signal in discover().values() if signal.measure.__module__ == attention.__name__]


def test_logits_entropy_and_sinks():
    forward = ForwardStatistics(None, lambda: True, lambda what, problem: pytest.fail(f"{what}: {problem!r}"))
    q, k = torch.tensor([[[[100.0]]]]), torch.tensor([[[[1.0], [-1.0]]]])
    forward.attention(q, k, layer="top", scale=1.0)
    step = context(forward=forward)
    head = ("top", "0")
    assert values(attention.largest_logit(step)) == {head: 100} and float(attention.largest_logit_of_all(step)) == 100
    assert values(attention.entropy(step))[head] == pytest.approx(0, abs=1e-6)
    assert values(attention.first_token(step)) == {head: 1} and float(attention.sink_rate(step)) == 1
    assert values(attention.query_norm(step)) == {head: 100} and values(attention.key_norm(step)) == {head: 1}


@pytest.mark.parametrize("signal", OURS, ids=lambda signal: signal.name)
def test_without_attention_there_is_nothing(signal):
    assert signal.measure(context()) is None
