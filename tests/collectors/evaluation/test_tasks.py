"""Tasks: evaluations as series, odd ones answered, domains, head, alignment, drift of modules."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.evaluation.domains import Domains
from barograph.collectors.evaluation.head import head
from barograph.collectors.hooks.layout import Layout
from barograph.collectors.numerics.alignment import alignment
from barograph.collectors.numerics.drift import Drift, layers_of
from barograph.collectors.step_context import Seen


def warned(call) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(one.message) for one in caught]


def test_evaluations_are_series_by_task(writers):
    with watch() as run:
        run.log(loss=1.0)
        run.evaluate(None, "math", accuracy=0.5, loss=2.0, n=10, n_invalid=1)
        run.evaluate(7, "math", accuracy=0.6, weights="ema")
        run.evaluate(7, "math", accuracy=0.7, subset="hard")
        run.evaluate(7, "code", accuracy=0.8, subset="held out")
    (writer,) = writers
    assert writer.series(("eval_accuracy", "math")) == [(1, 0.5)]
    assert writer.series(("eval_loss", "math")) == [(1, 2.0)]
    assert writer.series(("eval_n", "math")) == [(1, 10.0)] and writer.series(("eval_n_invalid", "math")) == [(1, 1.0)]
    assert writer.series(("eval_accuracy_ema", "math")) == [(7, 0.6)]
    assert writer.series(("eval_accuracy", "math (hard)")) == [(7, 0.7)]
    assert writer.series(("eval_accuracy", "code")) == [(7, 0.8)], "the only subset stands for the task"
    said = writer.descriptions["eval_accuracy"]
    assert said.axes == ("task",) and said.better == "higher" and writer.descriptions["eval_loss"].better == "lower"


def test_odd_evaluations_get_a_clear_answer_and_are_kept(writers):
    def odd():
        with watch() as run:
            run.evaluate(5, "math", accuracy=41.0)  # before any task begins: fine, it is the level to begin from
            run.evaluate(6, "math", accuracy=42.0)
            run.evaluate(6, "math", accuracy=0.4)
            run.evaluate(7, "code", accuracy=0.4, n=10, n_invalid=11)
            run.evaluate(8, "code", accuracy=float("nan"))
            run.evaluate("soon", "code", accuracy=0.4)
            run.end_task()

    said = warned(odd)
    assert len(said) == 4
    assert sum("'math', accuracy=...) got 41" in s and "divide percentages by 100" in s for s in said) == 1
    assert sum("evaluate(6, 'math', accuracy=...) came twice" in s and "the later one counts" in s for s in said) == 1
    assert sum("n_invalid between 0 and n" in s for s in said) == 1
    assert sum("run.evaluate failed" in s for s in said) == 1
    assert writers[0].series(("eval_accuracy", "math")) == [(5, 41.0), (6, 0.4)]


def test_a_task_without_an_end_is_open_and_ends_with_the_run(writers):
    assert not warned(lambda: watch().begin_task("math"))
    assert [(e.kind, e.data.get("boundary")) for e in writers[0].events if e.kind == "task"] == [("task", "begin")]


class Recorder:
    """Where domains are written; jobs wait as they do for a device."""

    def __init__(self):
        self.writer, self.rows, self.said = self, {}, []

    def points(self, step, keys, values):
        self.rows |= {(key, step): value for key, value in zip(keys, values, strict=True)}

    def failed(self, what, problem):
        self.said.append(f"{what}: {problem}")


def test_domain_losses_are_means_and_micro_batches_add_up():
    recorder, described = Recorder(), []
    domains = Domains(recorder, described.append)
    domains.take(1, torch.tensor([1.0, 2.0, 6.0]), ["web", "code", "web"])
    assert recorder.rows == {
        (("domain_loss", "web"), 1): 3.5, (("domain_loss", "code"), 1): 2.0,
        (("domain_share", "web"), 1): pytest.approx(2 / 3), (("domain_share", "code"), 1): pytest.approx(1 / 3),
    }  # fmt: skip
    domains.take(1, torch.tensor([4.0]), ["math"])  # the second micro-batch of the step
    assert recorder.rows[("domain_share", "web"), 1] == 0.5 and recorder.rows[("domain_loss", "math"), 1] == 4.0
    domains.take(2, torch.tensor([4.0]), ["web"])
    assert recorder.rows[("domain_share", "code"), 2] == 0 and (("domain_loss", "code"), 2) not in recorder.rows
    assert set(described) == {"domain_loss", "domain_share"}


def test_domain_ids_may_have_names_and_what_has_none_is_said():
    recorder = Recorder()
    domains = Domains(recorder, bool)
    domains.take(1, torch.tensor([1.0, 3.0, 5.0]), torch.tensor([1, 1, 7]), ["a", "b"])
    assert recorder.rows[("domain_loss", "b"), 1] == 2.0 and (("domain_loss", "a"), 1) not in recorder.rows
    assert recorder.said == ["domains are incomplete: 1 samples of step 1 are of no domain: expected 0 to 1"]
    domains.take(2, torch.tensor([[1.0], [3.0]]), torch.tensor([3, 250]))
    assert recorder.rows[("domain_loss", "250"), 2] == 3.0
    with pytest.raises(ValueError, match="one domain for each loss"):
        domains.take(3, torch.ones(3), ["a"])
    with pytest.raises(ValueError, match="integers"):
        domains.take(3, torch.ones(3), torch.ones(3))


def test_log_takes_domains_weights_and_an_unweighted_loss(writers):
    with watch() as run:
        for _ in range(2):
            losses = torch.tensor([1.0, 2.0])
            run.log(loss=9.0, sample_loss=losses, domain=["a", "b"], domain_weight={"a": 0.9, "b": 0.1})
    (writer,) = writers
    assert writer.series(("domain_loss", "b")) == [(1, 2.0), (2, 2.0)]
    assert writer.series(("domain_weight", "a")) == [(1, 0.9), (2, 0.9)]
    assert writer.series("loss") == [(1, 9.0), (2, 9.0)] and writer.series("loss_unweighted") == [(1, 1.5), (2, 1.5)]
    assert all(writer.descriptions[f"domain_{name}"].axes == ("domain",) for name in ("loss", "share", "weight"))


def test_domains_never_wait_for_the_device(monkeypatch):
    """On the meta device nothing can be read: who waits for a value fails."""
    monkeypatch.setattr(
        "barograph.collectors.evaluation.domains.start_copy", lambda flat, device: (torch.cuda.Event, flat)
    )
    recorder = Recorder()
    jobs = []
    recorder.later = jobs.append
    domains = Domains(recorder, bool)
    domains.take(1, torch.ones(3, device="meta"), torch.ones(3, dtype=torch.long, device="meta"), ["a", "b"])
    domains.take(1, torch.ones(3, device="meta"), ["a", "b", "a"])
    assert len(jobs) == 2, "what is to be read waits for the recorder's thread"


def test_a_biased_head_shows_in_its_norms_and_predictions():
    weight = torch.cat([torch.full((8, 4), 0.5), torch.full((2, 4), 1.0)])
    logits = torch.eye(10)[[8, 9, 8, 1]]
    found = head(logits, [8, 9], targets=torch.tensor([0, 9, 2, 1]), weight=weight)
    assert {name: float(value) for name, (value, *_) in found.items()} == {
        "new_class_share": 0.75, "new_class_due": 0.25, "head_gamma": 0.5,
    }  # fmt: skip
    only = head(torch.tensor([1, 2]), [2], old=[0], weight=nn.Linear(4, 10))
    assert "new_class_due" not in only and float(only["new_class_share"][0]) == 0.5
    for wrong in (torch.ones(2, 3, 4), torch.ones(3)):
        with pytest.raises(ValueError, match="expected class numbers"):
            head(wrong, [1])
    with pytest.raises(ValueError, match="classes of the current task"):
        head(torch.tensor([1]), [])


def test_gradients_that_agree_and_those_that_do_not(writers, small):
    w = nn.Parameter(torch.tensor([1.0, 2.0]))
    losses = {"a": (w * torch.tensor([1.0, 0.0])).sum(), "b": (w * torch.tensor([-1.0, 1.0])).sum(), "c": 2 * w[0]}
    names, cosines = alignment(losses, [w])
    assert names == ("a", "b", "c") and w.grad is None
    half = -(0.5**0.5)
    assert torch.allclose(cosines, torch.tensor([[1, half, 1], [half, 1, half], [1, half, 1]]))
    sum(losses.values()).backward()  # training goes on with the same graph
    with pytest.raises(ValueError, match="two or more"):
        alignment({"a": losses["a"]}, [w])
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    with watch(small, optimizer) as run:
        run.alignment({"x": small.loss(), "y": small.loss()})
        run.predictions(torch.tensor([0, 1]), [1], weight=small.head)
    ((step, cosine),) = writers[0].series(("grad_alignment", "x", "y"))
    assert step == 0 and -1 <= cosine <= 1 and writers[0].series("new_class_share") == [(0, 0.5)]


class Tower(nn.Module):
    """Six layers with fused attention projections, wide enough that only a sample is looked at."""

    def __init__(self):
        super().__init__()
        layers = [nn.ModuleDict({"qkv": nn.Linear(32, 96), "norm": nn.LayerNorm(32)}) for _ in range(6)]
        self.blocks, self.out = nn.ModuleList(layers), nn.Linear(32, 4)


def test_drift_is_relative_and_estimated_per_module():
    torch.manual_seed(0)
    model = Tower()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    layout = Layout(optimizer, model)
    seen = [Seen(step, optimizer, layout) for step in (1, 11)]
    drift = Drift()
    drift.begin(layout)
    assert drift.per_step(seen[0]) is None and not drift.since(seen[0]).any()
    with torch.no_grad():
        for at, block in enumerate(model.blocks):
            block["qkv"].weight[:32] *= 1.5  # queries
            block["norm"].weight += 0.1 * (6 - at)
    change = dict(zip(drift.modules, drift.since(seen[1]).tolist(), strict=True))
    assert 0.3 < change["blocks.0.qkv.q"] < 0.5 and change["blocks.0.qkv.k"] == change["blocks.5.qkv.v"] == 0
    assert change["blocks.0.norm"] == pytest.approx(0.6, rel=1e-4) and change["out"] == 0
    steps = dict(zip(drift.modules, drift.per_step(seen[1]).tolist(), strict=True))
    assert steps["blocks.3.norm"] == pytest.approx(0.3 / 2 / 10, rel=1e-4)  # weights by .3, biases by nothing
    assert float(drift.bottom_to_top(seen[1])) > 1.35
    drift.begin(layout)
    assert not drift.since(seen[1]).any()


def test_layers_are_found_by_their_numbers():
    assert layers_of(["emb", "h.10.a", "h.2.a", "h.2.b", "stem.0", "head"]) == [[2, 3], [1]]
    assert layers_of(["a", "b"]) == []


def test_modules_drift_from_where_their_task_began(writers, small, train):
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.05)
    with watch(small, optimizer, preset="full") as run:
        train(small, optimizer, run, steps=20)
        run.begin_task("second")
        train(small, optimizer, run, steps=10)
    drift = dict(writers[0].series(("module_drift", "head"))) or dict(writers[0].series(("module_drift", "table")))
    assert 0 < drift[30] < drift[20]
    assert len(writers[0].series(("module_change", "body.0"))) >= 2
