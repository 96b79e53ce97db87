"""The evaluator: when it evaluates, on what, within which budget; and training never notices."""

from __future__ import annotations

import copy
import random
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from barograph.collectors import evaluator, every, log_spaced, watch
from barograph.collectors.hooks.evaluation_mode import evaluation_mode


def adamw(model):
    return torch.optim.AdamW(model.parameters(), lr=0.05)


def noisy(model):
    """An evaluation that does all it can to disturb: draws from every generator, dropout if it were on, gradients."""

    def accuracy(tokens):
        random.random(), np.random.rand(3), torch.rand(3)
        assert not model.training and not torch.is_grad_enabled()
        return (model(tokens).argmax(-1) == tokens).float().mean()

    return accuracy


def test_a_burst_leaves_training_bitwise_unchanged(writers, small, train):
    outcomes = []
    for observed in (False, True):
        torch.manual_seed(3), random.seed(3), np.random.seed(3)
        model = copy.deepcopy(small)
        model.body[1].eval()  # a frozen norm inside a training model
        own = torch.Generator().manual_seed(1)
        optimizer = adamw(model)
        run = watch(model, optimizer) if observed else None
        probe = bool
        if observed:
            tasks = {f"task {i}": noisy(model) for i in range(5)}
            data = {name: torch.randint(11, (64,), generator=torch.Generator().manual_seed(0)) for name in tasks}
            probe = evaluator(run, model, tasks, data=data, sample=16, budget=1.0, generators=[own])
            run.begin_task("task 0")
        losses = train(model, optimizer, run, steps=100, each=lambda step, probe=probe: probe())
        if observed:
            run.finish()
            assert len(writers[-1].series(("eval_accuracy", "task 3"))) == 101  # the boundary, and every step
        modes = [m.training for m in model.modules()]
        state = [
            t.clone()
            for t in (*model.state_dict().values(), *(t for s in optimizer.state.values() for t in s.values()))
        ]
        randoms = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
        outcomes.append((losses, modes, randoms, state, torch.rand(2, generator=own).tolist()))
    (a, b) = outcomes
    assert a[:3] == b[:3] and a[4] == b[4]
    assert all(map(torch.equal, a[3], b[3]))


def test_undisturbed_brings_back_what_an_exception_left():
    model = torch.nn.Dropout()
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), evaluation_mode(model):
        torch.rand(1)
        raise ZeroDivisionError
    assert model.training and torch.is_grad_enabled() and torch.equal(before, torch.get_rng_state())


def test_it_is_dense_after_a_boundary_and_rare_later(writers):
    run = watch()
    probe = evaluator(run, None, {"a": lambda: 0.5}, log_spaced(dense=4, per_decade=2))
    for step in range(1, 121):
        if step == 61:
            run.begin_task("b")
        run.log(loss=1.0)
        probe()
    run.finish()
    steps = [step for step, _ in writers[0].series(("eval_accuracy", "a"))]
    assert steps == [1, 2, 3, 4, 13, 40, 60, 61, 62, 63, 64, 73, 100, 120]
    assert 126 not in steps and steps[-1] == 120  # and at the end of the run


def test_other_data_are_a_boundary_too(writers):
    with watch() as run:
        probe = evaluator(run, None, {"a": lambda: 0.5}, every(50))
        for step in range(1, 31):
            if step == 21:
                run.event("data", "switched")
            run.log(loss=1.0)
            probe()
    assert [step for step, _ in writers[0].series(("eval_accuracy", "a"))] == [20, 30]


def test_the_sample_is_drawn_once_by_its_seed_and_its_size_is_on_record(writers):
    seen = []
    numbers = torch.arange(5000)
    with watch() as run:
        tasks = {"a": lambda part: seen.append(part) or 0.5, "b": lambda part: {"loss": 1.0, "n": 7, "n_invalid": 2}}
        probe = evaluator(run, None, tasks, data={"a": numbers, "b": list(range(30))}, seed=4)
        for _ in range(3):
            run.log(loss=1.0)
            probe()
    assert all(torch.equal(seen[0], part) for part in seen) and len(seen[0].unique()) == 1000
    assert not torch.equal(seen[0], numbers[:1000])
    found = {(e.task, e.metric): (e.n, e.n_invalid) for e in writers[0].evaluations}
    assert found == {("a", "accuracy"): (1000, None), ("b", "loss"): (7, 2)}
    said = next(e.text for e in writers[0].events if e.kind == "evaluator")
    assert said == "a: 1,000 of 5,000 examples; b: 30 of 30 examples (seed 4)"


def test_tuples_and_datasets_keep_their_pairs(writers):
    x = torch.arange(40)
    pairs = []
    with watch() as run:
        tasks = {"tensors": lambda p: pairs.append(p) or 1.0, "dataset": lambda p: pairs.append(p[3]) or 1.0}
        data = {"tensors": (x, 2 * x), "dataset": torch.utils.data.TensorDataset(x, 2 * x)}
        evaluator(run, None, tasks, data=data, sample=10).evaluate()
    (a, b), (c, d) = pairs[:2]
    assert len(a) == 10 and torch.equal(b, 2 * a) and int(d) == 2 * int(c)


def test_it_keeps_to_its_budget_and_reports(writers, monkeypatch):
    """Each evaluation takes 10 ms and a step 1 ms: a burst of 100 steps x 5 tasks would take 5 s, .3 s are allowed."""
    now = [0.0]
    clock = SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr(sys.modules["barograph.collectors.evaluation.evaluator"], "time", clock)

    def slow():
        now[0] += 0.01
        return 0.5

    run = watch()
    probe = evaluator(run, None, {f"task {i}": slow for i in range(5)}, budget=0.1, burst=0.3)
    for _ in range(100):
        run.log(loss=1.0)
        now[0] += 0.001
        probe()
        assert probe.spent <= probe.allowed + 1e-9
    run.finish()
    counts = [len(writers[0].series(("eval_accuracy", f"task {i}"))) for i in range(5)]
    assert min(counts) >= 3 and max(counts) - min(counts) <= 1, "the tasks share what there is"
    report = [e.text for e in writers[0].events if e.kind == "evaluator"][-1]
    assert f"{sum(counts)} evaluations took 0." in report and "left out to stay within" in report


def test_a_function_that_raises_is_off_and_the_others_go_on(writers):
    with pytest.warns(RuntimeWarning, match="evaluating bad is off.*ZeroDivisionError"), watch() as run:
        probe = evaluator(run, None, {"bad": lambda: 1 / 0, "good": lambda: 0.5})
        for _ in range(3):
            run.log(loss=1.0)
            probe()
    assert len(writers[0].series(("eval_accuracy", "good"))) == 3 and not writers[0].series(("eval_accuracy", "bad"))


def test_after_the_end_and_where_nothing_is_recorded_it_does_nothing(writers):
    calls = []
    run = watch()
    probe = evaluator(run, None, {"a": lambda: calls.append(1) or 0.5})
    run.finish()
    probe()
    assert calls == [1]  # at the end
    run = watch()
    probe = evaluator(run, None, {"a": lambda: calls.append(2) or 0.5})
    run.finish("stopped")
    assert calls == [1]


@pytest.mark.parametrize(("arguments", "words"), [
    ({"tasks": {}}, "functions by name"),
    ({"tasks": {"a": 3}}, "functions by name"),
    ({"data": {"b": [1]}}, "expected only a"),
    ({"data": {"a": []}}, "not empty"),
    ({"data": {"a": (torch.ones(2), torch.ones(3))}}, "one length"),
    ({"sample": 0}, "an example or more"),
    ({"budget": 0.0}, "a share"),
    ({"burst": -1.0}, "seconds"),
])  # fmt: skip
def test_what_cannot_be_meant_is_said(writers, arguments, words):
    with pytest.raises(ValueError, match=words):
        evaluator(watch(), None, **{"tasks": {"a": lambda: 1.0}} | arguments)


@pytest.mark.parametrize("make", [lambda: every(0), lambda: log_spaced(0), lambda: log_spaced(5, 0)])
def test_cadences_that_cannot_be(make):
    with pytest.raises(ValueError, match="at least 1"):
        make()


def test_log_spacing_is_even_on_a_logarithmic_axis():
    due = log_spaced(dense=100, per_decade=10)
    steps = [step for step in range(100_001) if due(step)]
    assert steps[:101] == list(range(101))
    ratios = np.diff(np.log10(steps[100:]))
    assert len(steps) == 131 and np.allclose(ratios, 0.1, atol=0.003)
