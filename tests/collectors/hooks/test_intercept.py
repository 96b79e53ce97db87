"""What stands in the place of a library's functions while somebody listens, and that nothing of it stays."""

from __future__ import annotations

import sys
import types

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import scaled_dot_product_attention as imported_before

from barograph.collectors import watch
from barograph.collectors.hooks.forward_statistics import observers
from barograph.collectors.numerics.attention_statistics import statistics
from tests.collectors.attending import HEADS, WIDTH, Attending, train

ORIGINALS = F.scaled_dot_product_attention, F.multi_head_attention_forward, F.cross_entropy


def now():
    return F.scaled_dot_product_attention, F.multi_head_attention_forward, F.cross_entropy


def new(how=None):
    model = Attending(how)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    torch.manual_seed(0)
    yield
    assert now() == ORIGINALS and imported_before is ORIGINALS[0] and not observers


def test_a_name_that_is_bound_while_watched_is_given_back(writers, monkeypatch):
    module = types.ModuleType("made_up_kernels")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    model, optimizer = new(lambda q, k, v: module.attend(q, k, v, is_causal=True))
    with watch(model, optimizer) as run:
        exec("from torch.nn.functional import scaled_dot_product_attention as attend", module.__dict__)
        assert module.attend is not ORIGINALS[0]
        train(model, run, optimizer=optimizer)
    assert module.attend is ORIGINALS[0]
    assert writers[0].series("attn_logit_peak")


def test_a_function_of_ours_that_is_kept_goes_on_as_the_original(writers):
    q = torch.randn(2, HEADS, 4, 3, requires_grad=True)
    with watch(*new()):
        kept = F.scaled_dot_product_attention
    assert kept is not ORIGINALS[0]
    assert torch.equal(kept(q, q, q, is_causal=True), ORIGINALS[0](q, q, q, is_causal=True))


def test_out_of_reach_is_what_is_no_name_of_a_module(writers):
    """A default argument keeps the original: that attention is not seen, and trains on."""
    model, optimizer = new(lambda q, k, v, attend=F.scaled_dot_product_attention: attend(q, k, v, is_causal=True))
    with watch(model, optimizer) as run:
        assert len(train(model, run, steps=2, optimizer=optimizer)) == 2
    assert "attn_logit_peak" not in writers[0].values


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_two_runs_end_in_any_order(writers, first_to_end):
    pairs = [new(), new()]
    runs = [watch(*pair) for pair in pairs]
    runs[first_to_end].finish()
    assert all(map(lambda ours, original: ours is not original, now(), ORIGINALS)) and len(observers) == 1
    left = 1 - first_to_end
    train(pairs[left][0], runs[left], optimizer=pairs[left][1])
    runs[left].finish()
    assert now() == ORIGINALS
    for _ in range(2):
        runs[left].finish()  # again: nothing
    assert writers[left].series("attn_logit_peak") and not writers[first_to_end].series("attn_logit_peak")


def test_runs_one_after_the_other(writers):
    for _ in range(3):
        model, optimizer = new()
        with watch(model, optimizer) as run:
            train(model, run, optimizer=optimizer)
        assert now() == ORIGINALS
    assert [len(w.series("attn_logit_peak")) for w in writers] == [1, 1, 1]


def test_an_error_in_the_forward_pass_ends_the_run_and_leaves_nothing(writers):
    def fails(q, k, v):
        F.scaled_dot_product_attention(q, k, v)
        raise ArithmeticError("of the model's own")

    model, optimizer = new(fails)
    with pytest.raises(ArithmeticError, match="of the model's own"), watch(model, optimizer) as run:
        train(model, run, optimizer=optimizer)
    assert now() == ORIGINALS


def test_an_error_that_the_script_catches_leaves_training_watched(writers):
    fail = [True]

    def sometimes(q, k, v):
        return F.scaled_dot_product_attention(q, k, v.double() if fail[0] else v, is_causal=True)

    model, optimizer = new(sometimes)
    with watch(model, optimizer) as run:
        with pytest.raises(RuntimeError):
            train(model, run, optimizer=optimizer)
        fail[0] = False
        train(model, run, steps=10, optimizer=optimizer)
    assert [step for step, _ in writers[0].series("attn_logit_peak")] == [1, 10]


@pytest.fixture
def native(monkeypatch):
    """Calls of the function that is nn.MultiheadAttention's fast path."""
    calls, original = [], torch._native_multi_head_attention
    monkeypatch.setattr(torch, "_native_multi_head_attention", lambda *a, **o: calls.append(1) or original(*a, **o))
    return calls


def test_the_fast_path_of_multihead_attention_is_left_alone(writers, native):
    """It is for evaluation: nothing of it is shown, and it is still taken while the run is watched."""
    model = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(3, 5, WIDTH)
    with torch.no_grad():
        alone = model.eval()(x, x, x, need_weights=False)[0]
        with watch(model, optimizer):
            assert torch.equal(model(x, x, x, need_weights=False)[0], alone)
            assert all(board.empty for board in observers)
    assert len(native) == 2


def test_layers_of_torch_are_seen_in_training_and_fast_in_evaluation(writers, native):
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 16, dropout=0.1, batch_first=True)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(3, 5, WIDTH)
    attention = model.layers[0].self_attn
    q, k, _ = F.linear(x, attention.in_proj_weight, attention.in_proj_bias).view(3, 5, 3, HEADS, -1).unbind(2)
    truth = statistics(q.transpose(1, 2), k.transpose(1, 2)).peak
    with watch(model, optimizer):
        model(x).sum().backward()
        optimizer.step()
        with torch.no_grad():
            model.eval()(x)
    seen = [writers[0].values["attn_logit_max", "layers.0.self_attn", str(head)][1] for head in range(HEADS)]
    assert seen == pytest.approx(truth.tolist(), rel=1e-5)
    layers = {key[1] for key in writers[0].values if key[0] == "attn_logit_max"}
    assert layers == {"layers.0.self_attn", "layers.1.self_attn"}
    assert [step for step, _ in writers[0].series("attn_logit_peak")] == [1]
