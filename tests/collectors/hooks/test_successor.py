"""No loss is lost where the watched optimizer is not, or no longer, the one that steps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.hooks import successor


class SAM(torch.optim.Optimizer):
    """Sharpness-aware minimization (arXiv:2010.01412): two passes, and the optimizer inside steps, never this one."""

    def __init__(self, params, base, rho=0.05, **options):
        super().__init__(params, {"rho": rho, **options})
        self.inside = base(self.param_groups, **options)
        self.param_groups = self.inside.param_groups

    @torch.no_grad()
    def climb(self):
        self._moves = []
        for p in (p for group in self.param_groups for p in group["params"]):
            self._moves.append((p, 0.05 * p.grad / (p.grad.norm() + 1e-12)))
            p.add_(self._moves[-1][1])
        self.zero_grad()

    @torch.no_grad()
    def descend(self):
        for p, move in self._moves:
            p.sub_(move)
        self.inside.step()
        self.zero_grad()


@pytest.fixture
def line():
    """A model, and a function that gives its loss on new data."""
    torch.manual_seed(0)
    model = nn.Linear(4, 1)

    def loss():
        x = torch.randn(8, 4)
        return (model(x) - x.sum(1, keepdim=True)).square().mean()

    return model, loss


def said(writer):
    return [event.text for event in writer.events if event.kind == "optimizer"]


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize("first", [False, True], ids=["log after", "log before"])
def test_sam_keeps_every_loss(writers, line, first):
    model, loss = line
    optimizer = SAM(model.parameters(), torch.optim.SGD, lr=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 120)
    losses = []
    with pytest.warns(RuntimeWarning, match="SAM, which is watched, has not stepped: SGD steps its parameters"):
        with watch(model, optimizer, scheduler=scheduler, total_steps=120) as run:
            for _ in range(120):
                now = loss()
                losses.append(now.item())
                if first:
                    run.log(loss=now)
                now.backward()
                optimizer.climb()
                loss().backward()
                optimizer.descend()
                scheduler.step()
                if not first:
                    run.log(loss=now)
    (writer,) = writers
    assert writer.series("loss") == list(enumerate(losses, 1)) and writer.state == "finished"
    assert len(said(writer)) == 1 and len(writer.series("grad_norm")) == 119, "its hooks are on from the second step"
    assert writer.plans and writer.run.provenance["optimizers"][0]["name"] == "SGD"


@pytest.mark.parametrize("unfreeze", [False, True])
@pytest.mark.parametrize("first", [False, True], ids=["log after", "log before"])
def test_an_optimizer_that_is_built_anew_goes_on_with_the_run(writers, line, first, unfreeze):
    model, loss = line
    model.bias.requires_grad_(not unfreeze)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    losses = []
    with pytest.warns(RuntimeWarning, match="AdamW, which is watched, has not stepped since step 50: another AdamW"):
        with watch(model, optimizer, total_steps=100) as run:
            for step in range(100):
                if step == 50:
                    model.bias.requires_grad_(True)
                    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
                now = loss()
                losses.append(now.item())
                if first:
                    run.log(loss=now)
                now.backward()
                optimizer.step()
                optimizer.zero_grad()
                if not first:
                    run.log(loss=now)
    (writer,) = writers
    assert writer.series("loss") == list(enumerate(losses, 1)) and writer.state == "finished"
    rates = dict(writer.series(("lr", "0")))
    assert (rates[50], rates[52], rates[100]) == (1e-2, 1e-3, 1e-3)
    assert not optimizer._optimizer_step_post_hooks and not successor._owners


@pytest.mark.filterwarnings("error")
def test_optimizers_that_are_none_of_the_run_s_stay_outside(writers, line):
    """Of another model, inside a step of the watched one, or of another run."""
    model, loss = line
    other = nn.Linear(2, 2)
    optimizer, beside = (torch.optim.SGD(m.parameters(), lr=0.1) for m in (model, other))
    inside = torch.optim.SGD(model.parameters(), lr=0.0)
    optimizer.register_step_pre_hook(lambda *_: inside.step())
    with watch(model, optimizer) as run, watch(model, torch.optim.SGD(model.parameters(), lr=0.0)) as another:
        for _ in range(5):
            loss().backward()
            beside.step()
            optimizer.step()
        assert (run.step, another.step) == (5, 0)


class Around(torch.optim.Optimizer):
    """Steps the optimizer that it is given, as Lookahead and many a wrapper do."""

    def __init__(self, inside):
        super().__init__(inside.param_groups, {})
        self.inside = inside

    def step(self, closure=None):
        return self.inside.step(closure)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("outer", [False, True])
def test_a_wrapper_and_what_it_wraps_are_one(writers, line, outer):
    model, loss = line
    inside = torch.optim.SGD(model.parameters(), lr=0.01)
    around = Around(inside)
    with watch(model, around if outer else inside) as run:
        for _ in range(5):
            loss().backward()
            around.step()
            run.log(loss=1.0)
    assert run.step == 5 and len(writers[0].series("loss")) == 5


def test_a_step_that_raises_hides_nothing_of_the_later_ones(writers, line):
    model, loss = line
    first, second = (torch.optim.SGD(model.parameters(), lr=0.01) for _ in range(2))
    refused = first.register_step_post_hook(lambda *_: 1 / 0)
    with pytest.warns(RuntimeWarning, match="has not stepped"), watch(model, first) as run:
        for optimizer in (first, first, second, second):
            loss().backward()
            try:
                optimizer.step()
            except ZeroDivisionError:
                refused.remove()
            run.log(loss=1.0)
    assert run.step == 3 and len(writers[0].series("loss")) == 4


def test_an_inner_loop_on_the_same_weights_gives_the_place_back(writers, line):
    model, loss = line
    outer, inner = (torch.optim.SGD(model.parameters(), lr=0.01) for _ in range(2))
    with pytest.warns(RuntimeWarning, match="has not stepped"), watch(model, outer) as run:
        for _ in range(30):
            for _ in range(3):
                loss().backward()
                inner.step()
            outer.step()
            run.log(loss=1.0)
    (writer,) = writers
    assert len(writer.series("loss")) == 30 and len(said(writer)) == 2
    assert run.step == 33, "the inner steps of the first round, and each of the outer ones"
