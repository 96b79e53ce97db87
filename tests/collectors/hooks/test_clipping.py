"""Norms before clipping: whoever clips, by whichever name."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_ as imported_early
from torch.nn.utils import clip_grad_value_

from barograph.collectors import watch
from barograph.collectors.hooks import clipping


@pytest.fixture
def linear():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    for p in model.parameters():
        p.grad = torch.randn_like(p) * 3
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def true_norm(model):
    return math.sqrt(sum(float((p.grad.double() ** 2).sum()) for p in model.parameters()))


def in_two_steps(parameters, limit):
    parameters = list(parameters)
    total = torch.nn.utils.get_total_norm([p.grad for p in parameters])
    torch.nn.utils.clip_grads_with_norm_(parameters, limit, total)


CLIPS = {
    "by its module": lambda m: torch.nn.utils.clip_grad_norm_(m.parameters(), 0.5),
    "imported before": lambda m: imported_early(m.parameters(), 0.5),
    "with keywords": lambda m: imported_early(parameters=list(m.parameters()), max_norm=0.5, foreach=False),
    "in two steps": lambda m: in_two_steps(m.parameters(), 0.5),
    "another norm": lambda m: imported_early(m.parameters(), 0.5, norm_type=float("inf")),
    "layer by layer": lambda m: [imported_early(layer.parameters(), 0.5) for layer in m],
    "a part of it": lambda m: imported_early(m[0].parameters(), 0.5),
    "one tensor": lambda m: imported_early(m[0].weight, 0.5),
    "not at all": lambda m: None,
}


@pytest.mark.parametrize("how", CLIPS)
def test_the_norm_before_clipping(writers, linear, how):
    model, optimizer = linear
    expected = true_norm(model)
    each = {n: float(p.grad.norm()) for n, p in model.named_parameters()}
    with watch(model, optimizer, preset="full"):
        CLIPS[how](model)
        optimizer.step()
    w = writers[0].values
    assert w["grad_norm"][1] == pytest.approx(expected, rel=1e-5)
    assert {n: w["grad_norm_tensor", n][1] for n in each} == pytest.approx(each, rel=1e-5)
    assert "grad_norm_applied" not in w


def test_clipping_by_value_is_not_passed_off_as_the_norm_before(writers, linear):
    model, optimizer = linear
    with watch(model, optimizer):
        clip_grad_value_(model.parameters(), 0.1)
        optimizer.step()
    assert "grad_norm" not in writers[0].values and "grad_l1" not in writers[0].values
    assert writers[0].values["grad_norm_applied"][1] == pytest.approx(true_norm(model))


def test_where_an_alias_may_go_unheard_the_norm_is_the_applied_one(writers, linear, monkeypatch):
    """A torch whose clipping is a plain function: only the module's attribute can be replaced."""
    model, optimizer = linear
    plain = torch.nn.utils.clip_grad.clip_grad_norm_.__wrapped__
    monkeypatch.setattr(torch.nn.utils.clip_grad, "clip_grad_norm_", plain)
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", plain)
    monkeypatch.delattr(torch.nn.utils.clip_grad, "_clip_grads_with_norm_")
    expected = true_norm(model)
    with watch(model, optimizer, preset="full"):
        assert not clipping.all_calls_seen()
        optimizer.step()
        with torch.no_grad(), pytest.raises(NameError):  # the function it calls is gone, the call itself was heard
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    assert writers[0].values["grad_norm_applied"][1] == pytest.approx(expected)
    assert "grad_norm" not in writers[0].values
    assert torch.nn.utils.clip_grad_norm_ is plain


def test_what_the_caller_does_with_the_returned_norm_is_its_own_business(writers, linear):
    model, optimizer = linear
    expected = true_norm(model)
    with watch(model, optimizer):
        imported_early(model.parameters(), 0.5).zero_()
        optimizer.step()
    assert writers[0].values["grad_norm"][1] == pytest.approx(expected)


def test_a_norm_that_is_not_finite_is_data(writers, linear):
    model, optimizer = linear
    model[0].weight.grad[0, 0] = float("inf")
    with watch(model, optimizer):
        imported_early(model.parameters(), 0.5)
        optimizer.step()
    assert writers[0].values["grad_norm"][1] == float("inf")
    assert writers[0].values["clip_coefficient"][1] == 0.0


def test_two_watches_at_once(writers, linear):
    model, optimizer = linear
    other = nn.Linear(2, 2)
    first = watch(model, optimizer)
    second = watch(other, torch.optim.SGD(other.parameters(), lr=0.1))
    first.finish()
    heard = []
    stop = clipping.listen(heard.append)
    imported_early(model.parameters(), 0.5)
    assert len(heard) == 1
    stop()
    stop()
    second.finish()
    imported_early(model.parameters(), 0.5)
    assert len(heard) == 1
