"""Every file in collectors/integrations goes through every check, against the real framework."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

NAMES = sorted(
    path.stem
    for path in (Path(__file__).parents[3] / "collectors" / "integrations").glob("*.py")
    if not path.stem.startswith("_")
)
STEPS = 10
each = pytest.mark.parametrize("driver", NAMES, indirect=True)


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """runs(driver, accumulate): what the framework says of a whole run, and the store's path; trained once."""
    kept = {}

    def once(driver, accumulate=1):
        key = driver.__name__, accumulate
        if key not in kept:
            folder = tmp_path_factory.mktemp(driver.__name__)
            kept[key] = driver.train(folder, folder / "runs.db", steps=STEPS, accumulate=accumulate), folder / "runs.db"
        return kept[key]

    return once


def test_every_integration_has_a_driver():
    assert len(NAMES) >= 4
    assert NAMES == sorted(path.stem for path in (Path(__file__).parent / "drivers").glob("*.py"))


@each
@pytest.mark.parametrize("accumulate", [1, 3])
def test_what_the_framework_says_is_what_is_recorded(driver, runs, recorded, accumulate):
    """A step is an optimizer step, its loss the mean of its batches; the rates are those it was taken with."""
    told, path = runs(driver, accumulate)
    _, run, values = recorded(path)
    assert list(told.losses) == list(range(1, STEPS + 1))
    assert values("loss") == pytest.approx(told.losses, rel=1e-6)
    assert values("lr", ("0",)) == pytest.approx(told.rates, rel=1e-12)
    assert values("val_loss") == pytest.approx(told.val, rel=1e-6) and len(told.val) == 2
    assert set(values("grad_norm")) == set(told.losses)
    assert (run.state, run.steps_planned, run.last_step, run.attempt) == ("finished", STEPS, STEPS, 0)
    assert told.config.items() <= run.config.items()


@each
@pytest.mark.parametrize("accumulate", [1, 3])
def test_the_plan_is_the_schedule_that_then_happens(driver, runs, recorded, accumulate):
    told, path = runs(driver, accumulate)
    store, run, _ = recorded(path)
    (plan, *_) = [one for one in store.plans(run.id) if one.group == "0"]
    assert plan.made_at < STEPS / 2 and plan.steps[-1] == STEPS
    ahead = range(plan.made_at, STEPS + 1)
    planned = np.interp(ahead, plan.steps, plan.values)
    assert planned == pytest.approx([told.rates[step] for step in ahead], abs=1e-6 * max(told.rates.values()))


@each
def test_evaluations_arrive(driver, runs, recorded):
    told, path = runs(driver)
    store, run, _ = recorded(path)
    found = [(e.step, e.task, e.metric) for e in store.evaluations(run.id)]
    assert found == [(step, "validation", "accuracy") for step in told.val]
    assert all(0 <= e.value <= 1 for e in store.evaluations(run.id))


@each
def test_training_is_not_changed(driver, runs, tmp_path):
    told, _ = runs(driver)
    without = driver.train(tmp_path, tmp_path / "none.db", steps=STEPS, watched=False)
    assert without.losses == told.losses
    pairs = zip(told.model.state_dict().items(), without.model.state_dict().items(), strict=True)
    assert all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)
    assert not (tmp_path / "none.db").exists()


@each
def test_nothing_is_left_behind(driver, runs):
    told, _ = runs(driver)
    assert told.clean and told.bridge.run.over
    assert not told.optimizer._optimizer_step_pre_hooks and not told.optimizer._optimizer_step_post_hooks
    assert F.scaled_dot_product_attention.__module__ != "barograph.collectors.hooks.attention"
    assert not any(m._forward_hooks or m._backward_hooks for m in told.model.modules())


@each
def test_a_checkpoint_goes_on_with_the_run(driver, tmp_path, recorded):
    """One run, two attempts, one line: the second one's plan too is what then happens."""
    path = tmp_path / "runs.db"
    first = driver.train(tmp_path, path, steps=STEPS, until=STEPS // 2)
    then = driver.train(tmp_path, path, steps=STEPS, resume=True)
    store, run, values = recorded(path)
    assert len(store.runs()) == 1
    assert [(a.number, a.from_step) for a in store.attempts(run.id)] == [(0, 0), (1, STEPS // 2)]
    assert list(first.losses) == [1, 2, 3, 4, 5] and list(then.losses) == [6, 7, 8, 9, 10]
    assert values("loss") == pytest.approx(first.losses | then.losses, rel=1e-6)
    assert values("lr", ("0",)) == pytest.approx(first.rates | then.rates, rel=1e-12)
    assert (run.state, run.last_step) == ("finished", STEPS)


@each
def test_a_store_that_cannot_be_written_costs_a_warning(driver, runs, tmp_path):
    told, _ = runs(driver)
    with pytest.warns(RuntimeWarning, match="nothing is recorded"):
        without = driver.train(tmp_path, tmp_path / "no" / "folder" / "runs.db", steps=STEPS)
    assert without.losses == told.losses and without.raised is None


@each
def test_a_fault_of_ours_never_reaches_training(driver, runs, tmp_path, monkeypatch):
    """Every verb that an integration uses fails: one warning each, the same weights."""
    told, _ = runs(driver)

    def broken(*arguments, **options):
        raise KeyError("ours")

    for verb in ("begin", "part", "stepped", "scalars", "evaluated", "beside", "configure", "end"):
        monkeypatch.setattr(f"barograph.collectors.integrations._bridge.Bridge.{verb}", broken)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = driver.train(tmp_path, tmp_path / "runs.db", steps=STEPS)
    assert found.losses == told.losses and found.raised is None
    ours = [str(w.message) for w in said if "Barograph" in str(w.message)]
    assert ours and len(ours) == len(set(ours))


@each
def test_only_the_first_rank_writes(driver, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.import_module("barograph.collectors.watch"), "_rank", lambda **options: 1)
    told = driver.train(tmp_path, tmp_path / "runs.db", steps=4)
    assert list(told.losses) == [1, 2, 3, 4] and told.raised is None
    assert not list(tmp_path.glob("runs.db*"))


@each
def test_an_exception_in_training_is_the_trainings_own(driver, tmp_path, recorded):
    """It goes on its way, and the run has what was before it."""
    told = driver.train(tmp_path, tmp_path / "runs.db", steps=STEPS, fail_at=4)
    assert told.raised == "out of memory"
    _, run, values = recorded(tmp_path / "runs.db")
    assert values("loss") == pytest.approx({s: told.losses[s] for s in (1, 2, 3)}, rel=1e-6)
    assert not told.optimizer._optimizer_step_pre_hooks and told.clean


def test_an_unknown_option_is_said_before_training():
    from barograph.collectors.integrations.summary_writer import SummaryWriter

    with pytest.raises(ValueError, match="stor: expected options of `watch`"):
        SummaryWriter("runs/x", stor="runs.db")
    with pytest.raises(ValueError, match="preset 'loud'"):
        SummaryWriter("runs/x", preset="loud")
