"""Attention as it is called in training: seen by layer and head, once, and without a trace in what is trained."""

from __future__ import annotations

import copy
import sys
import types

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import scaled_dot_product_attention as imported_before

from barograph.collectors import watch
from barograph.collectors.hooks.forward_statistics import ForwardStatistics, observers
from barograph.collectors.numerics.attention_statistics import statistics
from tests.collectors.attending import HEADS, WIDTH, Attending, train

ORIGINALS = F.scaled_dot_product_attention, F.multi_head_attention_forward, F.cross_entropy
FIELDS = {"attn_logit_max": "peak", "attn_entropy": "entropy", "attn_first": "first"}
FIELDS |= {"attn_q_norm": "q_norm", "attn_k_norm": "k_norm"}
WAYS = {
    "by its module": lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
    "imported before": lambda q, k, v: imported_before(q, k, v, None, 0.0, True),
    "with dropout": lambda q, k, v: F.scaled_dot_product_attention(q, k, v, dropout_p=0.5, is_causal=True),
}


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    torch.manual_seed(0)
    yield
    assert (F.scaled_dot_product_attention, F.multi_head_attention_forward, F.cross_entropy) == ORIGINALS
    assert imported_before is ORIGINALS[0] and not observers


def assert_seen(writer, layer, truth, step=1):
    for name, field in FIELDS.items():
        for head, value in enumerate(getattr(truth, field).tolist()):
            assert writer.values[name, layer, str(head)][step] == pytest.approx(value, rel=1e-5), (name, head)


@pytest.mark.parametrize("way", WAYS)
def test_each_layer_and_head(writers, way):
    model = Attending(WAYS[way])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as run:
        train(model, run, optimizer=optimizer)
    peaks = []
    for layer, block in enumerate(model.blocks):
        truth = statistics(*block.kept[0], is_causal=True)
        peaks.append(truth.peak.max().item())
        assert_seen(writers[0], f"blocks.{layer}", truth)
    assert writers[0].values["attn_logit_peak"][1] == pytest.approx(max(peaks))
    assert writers[0].values["attn_sink_rate"][1] == 0.5 * sum(
        (statistics(*block.kept[0], is_causal=True).first > 0.3).float().mean().item() for block in model.blocks
    )
    assert writers[0].descriptions["attn_entropy"].axes == ("layer", "head")


def test_sampled_steps(writers):
    for preset in ("light", "standard", "full"):
        model = Attending()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with watch(model, optimizer, preset=preset) as run:
            train(model, run, steps=20, optimizer=optimizer)
    steps = [[step for step, _ in w.series("attn_logit_peak")] for w in writers]
    assert steps == [[], [1, 10, 20], [1, 10, 20]]


def test_steps_that_the_script_names(writers):
    """Counted from 0, or from anywhere: what is seen in a forward pass belongs to that step's row."""
    model = Attending()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as run:
        for step in range(25):
            train(model, optimizer=optimizer)
            run.log(loss=1.0, step=step)
    steps = [step for step, _ in writers[0].series("attn_logit_peak")]
    assert steps == [step for step, _ in writers[0].series("log_z_mean")] and len(steps) in (3, 4)
    assert {10, 20} <= set(steps)


def test_micro_batches_become_one(writers):
    model = Attending()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as run:
        train(model, run, batches=3, optimizer=optimizer)
    each = [statistics(*kept, is_causal=True) for kept in model.blocks[1].kept]
    truth = [torch.stack(field) for field in zip(*each, strict=True)]
    assert len(each) == 3
    assert_seen(writers[0], "blocks.1", type(each[0])(truth[0].amax(0), *[field.mean(0) for field in truth[1:]]))


@pytest.mark.parametrize("kind", ["reentrant", "not reentrant"])
def test_once_under_checkpointing(writers, monkeypatch, kind):
    calls = []
    monkeypatch.setattr(
        "barograph.collectors.hooks.forward_statistics.statistics",
        lambda *a, **o: calls.append(1) or statistics(*a, **o),
    )
    model = Attending(checkpointed=kind)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as run:
        train(model, run, optimizer=optimizer)
    assert len(calls) == 2
    for layer, block in enumerate(model.blocks):
        assert_seen(writers[0], f"blocks.{layer}", statistics(*block.kept[0], is_causal=True))


def test_passes_that_do_not_train_are_left_out(writers):
    model, frozen = Attending(), Attending().requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as run:
        with torch.no_grad():
            model(torch.zeros(3, 6, dtype=torch.long))
        frozen(torch.zeros(3, 6, dtype=torch.long))
        Attending()(torch.zeros(3, 6, dtype=torch.long))  # trained elsewhere
        model.blocks[0].kept.clear()
        train(model, run, optimizer=optimizer)
    assert_seen(writers[0], "blocks.0", statistics(*model.blocks[0].kept[0], is_causal=True))
    assert {key[1] for key in writers[0].values if key[0] == "attn_entropy"} == {"blocks.0", "blocks.1"}


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("mask", ["none", "padding", "causal", "by head"])
def test_multihead_attention(writers, need_weights, mask):
    model = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, dropout=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(3, 5, WIDTH)
    hidden = torch.ones(5, 5, dtype=torch.bool).triu(1)
    given, true = {}, {}
    if mask == "padding":
        given["key_padding_mask"] = torch.arange(5) >= torch.tensor([[3], [5], [2]])
        true["mask"] = ~given["key_padding_mask"].view(3, 1, 1, 5)
    elif mask == "causal":
        given["attn_mask"], true["mask"] = hidden, ~hidden
    elif mask == "by head":
        given["attn_mask"] = torch.randn(3 * HEADS, 5, 5)
        true["mask"] = given["attn_mask"].view(3, HEADS, 5, 5)
    state = torch.get_rng_state()
    alone = copy.deepcopy(model)(x, x, x, need_weights=need_weights, **given)
    after = torch.get_rng_state()
    torch.set_rng_state(state)
    q, k, _ = F.linear(x, model.in_proj_weight, model.in_proj_bias).view(3, 5, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
    with watch(model, optimizer):
        out, weights = model(x, x, x, need_weights=need_weights, **given)
        out.sum().backward()
        optimizer.step()
    assert torch.equal(out, alone[0]) and torch.equal(torch.get_rng_state(), after)
    assert (weights is None) != need_weights
    assert_seen(writers[0], "model", statistics(q, k, **true))


def test_the_eager_way_of_hugging_face(writers, monkeypatch):
    """A function of that name and signature in the model's own module, with grouped keys and an additive mask."""
    module = types.ModuleType("modeling_made_up")

    def eager_attention_forward(module, query, key, value, attention_mask, scaling, dropout=0.0, **kwargs):
        key, value = (t.repeat_interleave(2, dim=1) for t in (key, value))
        weights = (query @ key.mT * scaling + attention_mask[:, :, :, : key.shape[-2]]).softmax(-1)
        return (weights @ value).transpose(1, 2), weights

    class Layer(nn.Linear):
        def forward(self, x):
            q, k = super().forward(x).view(3, 5, 3, 4).transpose(1, 2).split((2, 1), dim=1)
            self.kept = q.detach(), k.detach()
            return module.eager_attention_forward(self, q, k, k, attention_mask=mask, scaling=0.3)[0]

    module.eager_attention_forward = eager_attention_forward
    monkeypatch.setitem(sys.modules, module.__name__, module)
    mask = torch.zeros(1, 1, 5, 9).masked_fill(torch.ones(5, 9, dtype=torch.bool).triu(1), torch.finfo().min)
    model = nn.Sequential(Layer(WIDTH, 12))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer):
        model(torch.randn(3, 5, WIDTH)).sum().backward()
        optimizer.step()
    assert_seen(writers[0], "0", statistics(*model[0].kept, scale=0.3, is_causal=True))
    assert module.eager_attention_forward is eager_attention_forward


def test_kernels_of_ones_own(writers):
    q, k = torch.randn(2, 4, 5, 6), torch.randn(2, 2, 5, 6)
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    with watch(None, optimizer) as run:
        for _ in range(3):
            run.attention(q, k, layer="mine", scale=0.2, is_causal=True)
            run.attention(q, k, layer="windowed", mask=types.SimpleNamespace(mask_mod=lambda b, h, i, j: i - j < 2))
            weight.sum().backward()
            optimizer.step()
    run.attention(q, k, layer="mine")  # over: does nothing
    i = torch.arange(5)
    assert_seen(writers[0], "mine", statistics(q, k, scale=0.2, is_causal=True))
    assert_seen(writers[0], "windowed", statistics(q, k, mask=i[:, None] - i < 2))
    assert [step for step, _ in writers[0].series("attn_logit_peak")] == [1]


def test_under_autocast_in_full_precision(writers):
    model = Attending()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer), torch.autocast("cpu", torch.bfloat16):
        model(torch.zeros(3, 6, dtype=torch.long)).sum().backward()
        optimizer.step()
    q, k = model.blocks[0].kept[0]
    assert q.dtype == torch.bfloat16
    assert_seen(writers[0], "blocks.0", statistics(q, k, is_causal=True))


def test_two_runs_at_once_see_their_own_model(writers):
    models = [Attending(), Attending()]
    optimizers = [torch.optim.SGD(m.parameters(), lr=0.1) for m in models]
    with watch(models[0], optimizers[0]), watch(models[1], optimizers[1]):
        for model, optimizer in zip(models, optimizers, strict=True):
            train(model, optimizer=optimizer)
    for model, writer in zip(models, writers, strict=True):
        assert_seen(writer, "blocks.0", statistics(*model.blocks[0].kept[0], is_causal=True))


def test_a_failure_is_one_warning(writers, monkeypatch):
    monkeypatch.setattr("barograph.collectors.hooks.forward_statistics.statistics", lambda *a, **o: 1 / 0)
    model = Attending()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.warns(RuntimeWarning, match="measuring attention is off from here on") as caught:
        with watch(model, optimizer) as run:
            assert len(train(model, run, steps=12, optimizer=optimizer)) == 12
    assert len(caught) == 1 and "attn_logit_peak" not in writers[0].values
    assert [step for step, _ in writers[0].series("log_z_mean")] == [1, 10]


def test_wrong_calls_fail_as_they_would(writers):
    q = torch.randn(2, 3, 4, requires_grad=True)
    with watch(None, torch.optim.SGD([q], lr=0.1)):
        with pytest.raises(RuntimeError):
            F.scaled_dot_product_attention(q, q[..., :3], q)
        with pytest.raises(TypeError):
            F.scaled_dot_product_attention(q)


def test_transforms_are_left_alone(writers):
    q = torch.randn(2, 1, 3, 4, requires_grad=True)
    with watch(None, torch.optim.SGD([q], lr=0.1)):
        torch.func.vmap(lambda x: F.scaled_dot_product_attention(x, x, x))(q)
        torch.func.grad(lambda x: F.scaled_dot_product_attention(x, x, x).sum())(q)
        assert all(board.empty for board in observers)


@pytest.mark.parametrize("preset", ["standard", "full"])
def test_training_is_bitwise_the_same(writers, preset):
    outcomes = []
    for watched in (False, True):
        torch.manual_seed(5)
        model = Attending(WAYS["with dropout"], checkpointed="not reentrant")
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
        run = watch(model, optimizer, preset=preset) if watched else None
        losses = train(model, run, steps=12, optimizer=optimizer)
        if watched:
            run.finish()
        outcomes.append((losses, torch.get_rng_state(), *(p.detach() for p in model.parameters())))
    assert outcomes[0][0] == outcomes[1][0] and all(map(torch.equal, outcomes[0][1:], outcomes[1][1:]))


def test_many_calls_hold_little(writers):
    """An optimizer that never steps: the board keeps one entry a layer."""
    board = ForwardStatistics(None, lambda: True, lambda what, problem: pytest.fail(f"{what}: {problem!r}"))
    for _ in range(50):
        board.attention(*torch.ones(2, 1, 1, 2, 3), layer="a")
        board.logits(torch.ones(2, 3))
    assert board.heads("peak")[0] == (("a", "0"),) and board.output("log_z_mean").item() == pytest.approx(2.0986123)
