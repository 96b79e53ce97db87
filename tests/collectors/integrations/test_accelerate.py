"""What is of Accelerate alone: a tracker that is shown no optimizer."""

from __future__ import annotations

import pytest
import torch

from barograph.db import Store

pytestmark = pytest.mark.parametrize("driver", ["accelerate"], indirect=True)


def test_without_an_optimizer_what_is_logged_is_recorded(driver, tmp_path, recorded):
    told = driver.train(tmp_path, tmp_path / "runs.db", hooked=False)
    store, run, values = recorded(tmp_path / "runs.db")
    assert values("loss") == pytest.approx(told.losses) and values("val_loss") == pytest.approx(told.val)
    assert values("lr", ("0",)) == pytest.approx(told.rates)
    assert values("margin") == pytest.approx({step: 2 * loss for step, loss in told.losses.items()})
    assert [(e.step, e.metric) for e in store.evaluations(run.id)] == [(5, "accuracy"), (10, "accuracy")]
    assert (run.state, run.config) == ("finished", {"lr": 3e-3}) and "grad_norm" not in store.signals(run.id)


@pytest.mark.parametrize("own", ["", "mine"])
def test_the_project_is_that_of_init_trackers_or_the_user_s_own(driver, tmp_path, own):
    from accelerate import Accelerator

    from barograph.collectors.integrations.accelerate import BarographTracker

    tracker = BarographTracker(store=tmp_path / "runs.db", name="run", project=own)
    accelerator = Accelerator(cpu=True, log_with=tracker)
    things, _ = driver.example(tmp_path)
    model, optimizer = accelerator.prepare(things["model"], things["optimizer"])
    tracker.watch(model, optimizer, total_steps=2)
    accelerator.init_trackers("my project")
    for _ in range(2):
        accelerator.backward(model(torch.randn(3, 4)).square().mean())
        optimizer.step()
    accelerator.end_training()
    assert Store(tmp_path / "runs.db").run("run").project == (own or "my project")


def test_the_run_is_the_tracker(driver, tmp_path):
    from accelerate import Accelerator

    from barograph.collectors.integrations.accelerate import BarographTracker

    tracker = BarographTracker(store=tmp_path / "runs.db", name="verbs")
    accelerator = Accelerator(cpu=True, log_with=tracker)
    accelerator.init_trackers("verbs")
    accelerator.log({"loss": 1.0}, step=1)
    run = accelerator.get_tracker("barograph", unwrap=True)
    assert run.name == "verbs" and not run.over
    accelerator.end_training()
    assert run.over
    assert Store(tmp_path / "runs.db").run("verbs").project == "verbs"
    with pytest.raises(ValueError, match="expected options of `watch`"):
        tracker.watch(None, None, schedule=None)
