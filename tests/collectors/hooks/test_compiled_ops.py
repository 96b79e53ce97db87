"""Compiled models: seen through one op that stays in the graph, which changes nothing that is trained."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from barograph.collectors import watch
from barograph.collectors.hooks.forward_statistics import observers
from tests.collectors.attending import CLASSES, LENGTH, Attending, train

counters = pytest.importorskip("torch._dynamo.utils").counters


@pytest.fixture(autouse=True)
def _fresh_compiler():
    torch._dynamo.reset()
    counters.clear()
    torch.manual_seed(0)
    yield
    torch._dynamo.reset()
    assert not observers


def loss_of(model):
    def loss(tokens, targets):
        return F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())

    return loss


def by_model(model, **how):
    return loss_of(torch.compile(model, **how))


def by_block(model, **how):
    for block in model.blocks:
        block.compile(**how)
    return loss_of(model)


def by_loss(model, **how):
    return torch.compile(loss_of(model), fullgraph=True, **how)


def trained(kind, watched, steps, checkpointed="", preset="full", **how):
    """Losses, weights and random state after `steps`."""
    torch.manual_seed(5)
    model = Attending(checkpointed=checkpointed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.05)
    call = kind(model, **how)
    run = watch(model, optimizer, preset=preset) if watched else None
    losses = train(model, run, steps=steps, call=call, optimizer=optimizer)
    if watched:
        run.finish()
    return losses, [p.detach().clone() for p in model.parameters()], torch.get_rng_state()


@pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", [by_model, by_block, by_loss])
def test_equal_to_what_is_not_watched(writers, kind, backend):
    plain = trained(kind, False, 12, backend=backend)
    torch._dynamo.reset()
    seen = trained(kind, True, 12, backend=backend)
    assert plain[0] == seen[0] and torch.equal(plain[2], seen[2])
    assert all(map(torch.equal, plain[1], seen[1]))
    assert [step for step, _ in writers[0].series("attn_logit_peak")] == [1, 10]
    assert [step for step, _ in writers[0].series("log_z_mean")] == [1, 10]


@pytest.mark.parametrize("kind", [by_model, by_block, by_loss])
def test_the_same_as_in_eager_mode(writers, kind):
    trained(kind, True, 5, backend="aot_eager")
    trained(loss_of, True, 5)
    compiled, eager = writers
    heads = {key for key in eager.values if key[0].startswith("attn_") and isinstance(key, tuple)}
    assert len(heads) == 5 * 2 * 2 and heads == {key for key in compiled.values if key in heads}
    for key in (*heads, "attn_logit_peak", "attn_sink_rate"):
        assert [v for _, v in compiled.series(key)] == pytest.approx([v for _, v in eager.series(key)], rel=1e-4)


def test_twenty_sampled_steps_compile_at_most_once_more(writers):
    model = Attending()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    call = by_loss(model, backend="aot_eager")
    train(model, call=call, steps=2, optimizer=optimizer)
    before = counters["stats"]["unique_graphs"]
    assert before == 1
    with watch(model, optimizer, preset="full") as run:
        train(model, run, call=call, steps=100, optimizer=optimizer)
    assert len(writers[0].series("attn_logit_peak")) == 11
    assert counters["stats"]["unique_graphs"] == before + 1


def test_lengths_that_change_compile_no_more_often(writers):
    graphs = []
    for watched in (False, True):
        torch._dynamo.reset()
        counters.clear()
        model = Attending()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        call = by_loss(model, backend="aot_eager")
        run = watch(model, optimizer, preset="full") if watched else None
        for step in range(12):
            tokens = torch.randint(CLASSES, (3 + step, LENGTH + step))
            call(tokens, tokens.roll(1, dims=1)).backward()
            optimizer.step()
        graphs.append(counters["stats"]["unique_graphs"])
        if run:
            run.finish()
    assert graphs[0] == graphs[1]
    assert len(writers[0].series("attn_logit_peak")) == 2


def test_multihead_attention(writers):
    outcomes = []
    for watched in (False, True):
        torch._dynamo.reset()
        torch.manual_seed(1)
        model = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        run = watch(model, optimizer) if watched else None
        compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
        compiled(torch.randn(3, 5, 8)).sum().backward()
        optimizer.step()
        if run:
            run.finish()
        outcomes.append([p.detach() for p in model.parameters()])
    assert all(map(torch.equal, *outcomes))
    assert writers[0].values["attn_entropy", "self_attn", "1"]


@pytest.mark.parametrize("kind", ["reentrant", "not reentrant"])
def test_once_under_checkpointing(writers, monkeypatch, kind):
    from barograph.collectors.numerics.attention_statistics import statistics

    calls = []
    monkeypatch.setattr(
        "barograph.collectors.hooks.forward_statistics.statistics",
        lambda *a, **o: calls.append(1) or statistics(*a, **o),
    )
    plain, seen = (trained(by_loss, watched, 2, kind, backend="aot_eager") for watched in (False, True))
    assert len(calls) == 2 and plain[0] == seen[0] and all(map(torch.equal, plain[1], seen[1]))


def test_passes_that_do_not_train_are_left_out(writers):
    model = Attending()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    compiled = torch.compile(model, backend="aot_eager")
    with watch(model, optimizer):
        with torch.no_grad():
            compiled(torch.zeros(3, LENGTH, dtype=torch.long))
        assert observers[0].empty
        compiled(torch.zeros(3, LENGTH, dtype=torch.long))
        assert not observers[0].empty


def test_cuda_graphs_are_left_as_they_are(writers):
    trained(by_model, True, 1, backend="inductor", options={"triton.cudagraphs": True})
    assert "attn_logit_peak" not in writers[0].values and writers[0].values["log_z_mean"]


def test_a_kernel_of_ones_own_inside_a_graph(writers):
    q, k = torch.randn(2, 4, 5, 6), torch.randn(2, 2, 5, 6)
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    with watch(None, optimizer) as run:

        @torch.compile(backend="aot_eager", fullgraph=True)
        def loss():
            run.attention(q * weight.sum(), k, layer="mine", is_causal=True)
            run.logits(q)
            return weight.sum()

        for _ in range(20):
            loss().backward()
            optimizer.step()
    assert [step for step, _ in writers[0].series(("attn_entropy", "mine", "3"))] == [1, 10, 20]
    assert len(writers[0].series("log_z_max")) == 3 and counters["stats"]["unique_graphs"] == 1


def test_after_the_run_the_graph_is_as_before(writers):
    model = Attending()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    compiled = torch.compile(model, backend="aot_eager")
    watch(model, optimizer).finish()
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "barograph.collectors.hooks.forward_statistics.ForwardStatistics.attention", lambda *a, **o: seen.append(a)
        )
        compiled(torch.zeros(3, LENGTH, dtype=torch.long)).sum().backward()
    assert not seen
