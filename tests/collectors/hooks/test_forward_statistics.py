"""What the forward passes of one step have shown."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.hooks.forward_statistics import ForwardStatistics


@pytest.fixture
def forward():
    return ForwardStatistics(None, lambda: True, lambda what, problem: pytest.fail(f"{what}: {problem!r}"))


def test_calls_of_one_layer_become_the_largest_peak_and_the_mean(forward):
    for size in (1.0, 3.0):
        forward.attention(torch.full((1, 1, 1, 1), size), torch.ones(1, 1, 2, 1), layer="a", scale=1.0)
        forward.logits(torch.full((1, 2), size))
    assert forward.heads("peak")[1].tolist() == [3.0] and forward.heads("q_norm")[1].tolist() == [2.0]
    spread = float(forward.output("log_z_max") - forward.output("log_z_mean"))
    assert spread == pytest.approx(1.0) and not forward.empty
    forward.clear()
    assert forward.empty and forward.heads("peak") is None and forward.output("max_prob") is None


def test_a_step_that_is_not_sampled_and_a_run_that_is_over_show_nothing(forward):
    forward.close()
    forward.logits(torch.ones(1, 2))
    assert forward.empty and not forward.open


def test_what_fails_is_reported_once_and_off():
    problems = []
    forward = ForwardStatistics(None, lambda: True, lambda what, problem: problems.append(what))
    for _ in range(2):
        forward.attention(torch.ones(1, 1, 1, 3), torch.ones(1, 1, 1, 2), layer="a")
    assert problems == ["measuring attention is off from here on"]
