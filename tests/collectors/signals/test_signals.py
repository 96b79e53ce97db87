"""Every signal against a slow, obvious computation of the same thing."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn

from barograph.collectors import watch

OPTIMIZERS = {
    "adamw": lambda ps: torch.optim.AdamW(ps, lr=0.01, weight_decay=0.3),
    "adamw groups": lambda ps: torch.optim.AdamW(
        [{"params": ps[:2], "weight_decay": 0.0, "lr": 0.02}, {"params": ps[2:], "betas": (0.5, 0.9)}], lr=0.01
    ),
    "adamw foreach": lambda ps: torch.optim.AdamW(ps, lr=0.01, foreach=True),
    "adamw fused": lambda ps: torch.optim.AdamW(ps, lr=0.01, fused=True),
    "adamw amsgrad": lambda ps: torch.optim.AdamW(ps, lr=0.01, amsgrad=True, maximize=True),
    "adamw tensor lr": lambda ps: torch.optim.AdamW(ps, lr=torch.tensor(0.01), weight_decay=0.3),
    "adam": lambda ps: torch.optim.Adam(ps, lr=0.01, weight_decay=0.1),
    "sgd": lambda ps: torch.optim.SGD(ps, lr=0.1, weight_decay=0.2),
    "sgd momentum": lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.2),
    "sgd damped out": lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, dampening=1.0),
    "sgd nesterov": lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.2, foreach=True),
}


def run_oracle(model, optimizer, clip, steps=4):
    """What happened at each step, told by copies: gradients before clipping, weights before and after."""
    named = {n: p for n, p in model.named_parameters() if p.requires_grad}
    told = []
    for _ in range(steps):
        optimizer.zero_grad()
        model.loss().backward()
        grads = {n: p.grad.double().clone() for n, p in named.items()}
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        old = {n: p.detach().double().clone() for n, p in named.items()}
        lr = [float(g["lr"]) for g in optimizer.param_groups]
        optimizer.step()
        new = {n: p.detach().double().clone() for n, p in named.items()}
        told.append((grads, old, new, lr))
    return told


def norm(tensors):
    return math.sqrt(sum(float((t * t).sum()) for t in tensors))


@pytest.mark.parametrize("clip", [None, 0.02, 100.0])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_gradients_weights_and_updates(writers, small, kind, clip):
    optimizer = OPTIMIZERS[kind]([p for p in small.parameters() if p.requires_grad])
    with watch(small, optimizer, preset="full"):
        told = run_oracle(small, optimizer, clip)
    w = writers[0]
    close = {"rel": 2e-4, "abs": 1e-9}
    assert 1 in w.values["grad_l1"]

    def at(key, step):
        return w.values[key][step]

    for step, (grads, old, new, lr) in enumerate(told, 1):
        total = norm(grads.values())
        assert at("grad_norm", step) == pytest.approx(total, **close)
        if step in w.values["grad_l1"]:
            assert at("grad_l1", step) == pytest.approx(sum(float(g.abs().sum()) for g in grads.values()), **close)
        if clip:
            assert at("clip_coefficient", step) == pytest.approx(min(1.0, clip / (total + 1e-6)), **close)
        for i, rate in enumerate(lr):
            assert at(("lr", str(i)), step) == pytest.approx(rate)
        reference = old if kind.startswith("sgd") else new
        for n, g in grads.items():
            assert at(("grad_norm_tensor", n), step) == pytest.approx(norm([g]), **close)
            assert at(("weight_norm_tensor", n), step) == pytest.approx(norm([new[n]]), **close)
            moved = norm([new[n] - old[n]])
            assert at(("update_norm_tensor", n), step) == pytest.approx(moved, rel=2e-3, abs=1e-6)
            if norm([reference[n]]) > 1e-3:
                ratio = moved / norm([reference[n]])
                assert at(("update_ratio_tensor", n), step) == pytest.approx(ratio, rel=2e-3, abs=1e-5)
        moved = norm(new[n] - old[n] for n in new)
        assert at("update_ratio", step) == pytest.approx(moved / norm(reference.values()), rel=1e-3)
        assert at("weight_norm", step) == pytest.approx(norm(new.values()), **close)
        own = norm([grads["body.0.weight"], grads["body.0.bias"]])
        assert at(("grad_norm_module", "body.0"), step) == pytest.approx(own, **close)
    largest = {n: float(g.abs().max()) for n, g in told[0][0].items()}
    assert {n: at(("grad_max_tensor", n), 1) for n in largest} == pytest.approx(largest, rel=1e-4)
    assert ("clip_coefficient" in w.values) == bool(clip)
    assert "grad_norm_applied" not in w.values
    names = [n for n, p in small.named_parameters() if p.requires_grad]
    first = [key[1] for key, step in w.order if key[0] == "grad_norm_tensor" and step == 1]
    assert first == names  # in the model's order, the tied tensor once, the frozen one never


def test_large_tensors_are_swept_in_pieces(writers):
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(3, 700, 13).to(memory_format=torch.channels_last), nn.Linear(3, 5))
    model.loss = lambda: sum((p * torch.randn_like(p)).sum() for p in model.parameters())
    assert model[0].weight.numel() > 4 * (1 << 16) and not model[0].weight.is_contiguous()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    with watch(model, optimizer, preset="full"):
        told = run_oracle(model, optimizer, None, steps=2)
    for step, (grads, old, new, _) in enumerate(told, 1):
        total = sum(float(g.abs().sum()) for g in grads.values())
        assert step > 1 or writers[0].values["grad_l1"][step] == pytest.approx(total, rel=1e-4)
        for n in new:
            assert writers[0].values["update_norm_tensor", n][step] == pytest.approx(norm([new[n] - old[n]]), rel=1e-3)


def test_half_precision_norms_keep_their_digits(writers):
    model = nn.Linear(64, 64, bias=False).bfloat16()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    with watch(model, optimizer, preset="full"):
        model.weight.grad = torch.randn(64, 64).bfloat16()
        expected = norm([model.weight.grad.double()])
        optimizer.step()
    assert writers[0].values["grad_norm"][1] == pytest.approx(expected, rel=1e-5)
    assert writers[0].values["weight_norm"][1] == pytest.approx(norm([model.weight.detach().double()]), rel=1e-5)


def test_parameters_without_a_gradient_and_sparse_ones(writers):
    table, unused = nn.Embedding(50, 4, sparse=True), nn.Linear(3, 3)
    model = nn.ModuleDict({"table": table, "unused": unused})
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    with watch(model, optimizer, preset="full"):
        for rows in ([1, 1, 3], [2]):
            optimizer.zero_grad()
            table(torch.tensor(rows)).sum().backward()
            optimizer.step()
    expected = math.sqrt(4 * (2**2 + 1))  # row 1 was looked up twice
    assert writers[0].series("grad_norm") == [(1, pytest.approx(expected)), (2, pytest.approx(2.0))]
    assert ("grad_norm_tensor", "unused.weight") not in writers[0].values


def test_an_optimizer_without_a_rule_is_said_to_be_not_measured(writers, small, train):
    optimizer = torch.optim.Adagrad(small.parameters(), lr=0.01)
    with watch(small, optimizer, preset="full"):
        train(small, optimizer, steps=2)
    said = [e.text for e in writers[0].events if e.kind == "not measured"]
    assert len([s for s in said if "rebuild the step of Adagrad; known are Adam, AdamW and SGD" in s]) == 1
    assert len([s for s in said if "Adagrad keeps no second moment; known are Adam" in s]) == 1
    assert len(writers[0].series("weight_norm")) == 2


class CountsInTheGroup(torch.optim.Optimizer):
    """Second moments by Adam's name, and the count of steps where schedule-free optimizers keep it."""

    def __init__(self, params):
        super().__init__(params, {"lr": 1e-3, "betas": (0.9, 0.95), "k": 0})

    def kept(self, p):
        return self.state[p].setdefault("exp_avg_sq", torch.zeros_like(p))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            group["k"] += 1
            for p in group["params"]:
                if p.grad is not None:
                    kept = self.kept(p).lerp_(p.grad.square(), 0.05)
                    p.sub_(group["lr"] * p.grad / (kept.sqrt() + 1e-8))


class KeepsOneMoment(CountsInTheGroup):
    """As Lion: betas, and no second moment."""

    def kept(self, p):
        return self.state[p].setdefault("exp_avg", torch.ones_like(p))


@pytest.mark.parametrize("kind", [CountsInTheGroup, KeepsOneMoment])
@pytest.mark.filterwarnings("error")
def test_a_state_of_another_shape_is_a_quiet_sentence_for_each_reason(writers, small, train, kind):
    optimizer = kind(small.parameters())
    with watch(small, optimizer):
        train(small, optimizer, steps=60)
    said = [e.text for e in writers[0].events if e.kind == "not measured"]
    named = [sentence.partition(":")[0] for sentence in said]
    assert all(kind.__name__ in sentence for sentence in said) and named[0] == "grad_rms_to_eps"
    assert named[1:] == [
        "update_norm_tensor, update_ratio, update_ratio_tensor",
        "grad_spike, grad_spike_max, grad_spike_peers, grad_spike_share",
    ]


@pytest.mark.parametrize("kind", [torch.optim.AdamW, torch.optim.SGD])
def test_a_step_with_a_closure_is_seen_like_any_other(writers, small, kind):
    """The gradients appear inside the step, and are looked at before the weights move."""
    twin, clips = copy.deepcopy(small), []

    def run(model, closures):
        optimizer = kind(model.parameters(), lr=0.01)

        def closure():
            optimizer.zero_grad()
            loss = model.loss()
            loss.backward()
            clips.append(nn.utils.clip_grad_norm_(model.parameters(), 0.01).item())
            return loss

        torch.manual_seed(1)
        with watch(model, optimizer, preset="full"):
            for step in range(30):
                if not closures:
                    closure()
                    optimizer.step()
                elif step % 2:
                    optimizer.step(closure=closure)
                else:
                    assert optimizer.step(closure).item() > 0

    run(small, closures=True)
    run(twin, closures=False)
    found, expected = writers
    assert [v for _, v in found.series("grad_norm")] == pytest.approx(clips[:30]) and clips[:30] == clips[30:]
    assert found.values.keys() == expected.values.keys()
    of_the_machine = {"host_memory", "time", "step_time", "steps_per_s"}
    assert all(found.values[key] == expected.values[key] for key in found.values if key not in of_the_machine)
    assert all(map(torch.equal, small.parameters(), twin.parameters()))


def test_a_closure_that_is_called_again_within_a_step(writers, small):
    """LBFGS looks around: what is told of its first step is its begin, of later ones where it has ended."""
    optimizer = torch.optim.LBFGS(small.parameters(), lr=0.01, max_iter=3)
    norms = []

    def closure():
        optimizer.zero_grad()
        loss = small.loss()
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(small.parameters(), 0.01).item())
        return loss

    ends = []
    with watch(small, optimizer, preset="full"):
        for _ in range(3):
            optimizer.step(closure)
            ends.append(len(norms))
    expected = [norms[0], *(norms[end - 1] for end in ends[1:])]
    assert [v for _, v in writers[0].series("grad_norm")] == pytest.approx(expected)


def test_parameters_that_join_later(writers, small):
    optimizer = torch.optim.SGD(small.body.parameters(), lr=0.1)
    with watch(small, optimizer, preset="full"):
        small.loss().backward()
        optimizer.step()
        optimizer.add_param_group({"params": [small.table.weight], "lr": 0.2})
        optimizer.step()
    assert [step for step, _ in writers[0].series(("grad_norm_tensor", "table.weight"))] == [2]
    assert writers[0].series(("lr", "1")) == [(2, 0.2)]


def test_pace_and_memory(writers, small, train):
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    with watch(small, optimizer, preset="light") as run:
        train(small, optimizer, run, steps=20)
    w = writers[0]
    times = dict(w.series("time"))
    assert len(times) == 20 and 0 <= times[1] < times[20]
    for step, value in w.series("step_time"):
        assert value == pytest.approx(times[step] - times[step - 1], abs=1e-6)
    assert w.values["steps_per_s"][20] == pytest.approx(10 / (times[20] - times[10]), rel=1e-3)
    assert w.values["tokens_per_s"][20] == pytest.approx(160 / (times[20] - times[10]), rel=1e-3)
    assert w.values["host_memory"][20] > 1e7 and "device_memory" not in w.values and "dropped" not in w.values
    w2 = watch(small, optimizer, preset="light")
    writers[1].dropped = 7
    train(small, optimizer, w2, steps=1)
    w2.finish()
    assert writers[1].series("dropped") == [(1, 7.0)]


def test_presets_choose_by_price(writers, small, train):
    for preset in ("light", "standard", "full"):
        optimizer = torch.optim.AdamW(small.parameters(), lr=0.01)
        with watch(small, optimizer, preset=preset):
            train(small, optimizer, steps=20, clip=None)
    light, standard, full = ({k if isinstance(k, str) else k[0]: len(v) for k, v in w.values.items()} for w in writers)
    assert (light["grad_norm"], standard["grad_norm"], full["grad_norm"]) == (3, 20, 20)
    assert "weight_norm" not in light and (standard["weight_norm"], full["weight_norm"]) == (3, 20)
    assert "update_norm_tensor" not in light and (standard["update_norm_tensor"], full["update_norm_tensor"]) == (3, 20)
    assert "grad_max_tensor" not in standard and full["grad_max_tensor"] == 3
