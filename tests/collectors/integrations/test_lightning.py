"""What is of Lightning alone: its logger, its schedulers, its own optimizer steps."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.parametrize("driver", ["lightning"], indirect=True)
QUIET = {f"enable_{what}": False for what in ("checkpointing", "progress_bar", "model_summary")}


@pytest.fixture
def fit(tmp_path):
    """fit(module, batches, callbacks, logger, **options): a Trainer that has trained."""

    def go(module, batches, callbacks=(), logger=False, validate=False, **options):
        from lightning.pytorch import Trainer

        rows = torch.randn(4 * batches, 4, generator=torch.Generator().manual_seed(1))
        data = torch.utils.data.DataLoader(rows, 4)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            trainer = Trainer(
                callbacks=list(callbacks), logger=logger, default_root_dir=tmp_path, log_every_n_steps=1,
                accelerator="cpu", **QUIET, **options,
            )  # fmt: skip
            trainer.fit(module, data, data if validate else None)
            if validate:
                trainer.test(module, data, verbose=False)
        return trainer

    return go


def test_the_logger_beside_the_callback_writes_into_its_run(driver, tmp_path, recorded, fit):
    from barograph.collectors.integrations.lightning import BarographCallback, BarographLogger

    module = driver.Module(8)
    logger = BarographLogger(store=tmp_path / "runs.db", name="unused")
    fit(module, 8, [BarographCallback(store=tmp_path / "runs.db", name="both")], logger, max_epochs=1)
    store, run, values = recorded(tmp_path / "runs.db", "both")
    assert len(store.runs()) == 1 and run.config["steps"] == 8
    losses = {step: seen[0] for step, seen in module.seen.items()}
    assert values("loss") == pytest.approx(losses) and values("train_loss") == pytest.approx(losses)
    assert values("margin") == pytest.approx({step: 2 * loss for step, loss in losses.items()})
    assert len(values("grad_norm")) == 8


def test_the_logger_alone_takes_down_what_is_logged(driver, tmp_path, recorded, fit):
    from barograph.collectors.integrations.lightning import BarographLogger

    module = driver.Module(8)
    logger = BarographLogger(store=tmp_path / "runs.db", name="alone")
    fit(module, 8, [driver.Log()], logger, validate=True, max_epochs=2)
    store, run, values = recorded(tmp_path / "runs.db", "alone")
    losses = {step: seen[0] for step, seen in module.seen.items()}
    assert values("loss") == pytest.approx(losses) and len(losses) == 16
    assert values("val_loss") == pytest.approx(module.val) and list(module.val) == [8, 16]
    assert "grad_norm" not in store.signals(run.id)
    assert (run.config["steps"], run.state) == (8, "finished")
    assert {(e.step, e.task, e.metric) for e in store.evaluations(run.id)} == {
        (8, "validation", "accuracy"), (16, "validation", "accuracy"), (16, "test", "accuracy"), (16, "test", "loss"),
    }  # fmt: skip


def test_a_test_after_training_joins_the_run(driver, tmp_path, recorded, fit):
    from barograph.collectors.integrations.lightning import BarographCallback

    fit(driver.Module(8), 8, [BarographCallback(store=tmp_path / "runs.db", name="t")], validate=True, max_epochs=1)
    store, run, _ = recorded(tmp_path / "runs.db", "t")
    found = {(e.step, e.task, e.metric) for e in store.evaluations(run.id)}
    assert found == {(8, "validation", "accuracy"), (8, "test", "accuracy"), (8, "test", "loss")}


def test_a_scheduler_that_steps_with_the_epochs_has_a_plan(driver, tmp_path, recorded, fit):
    from barograph.collectors.integrations.lightning import BarographCallback

    class Epochs(driver.Module):
        def configure_optimizers(self):
            optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
            return [optimizer], [torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)]

    module = Epochs(12)
    fit(module, 3, [BarographCallback(store=tmp_path / "runs.db", name="epochs")], max_epochs=4)
    store, run, values = recorded(tmp_path / "runs.db", "epochs")
    assert values("lr", ("0",)) == pytest.approx(module.rates) == {s: 0.1 * 0.5 ** ((s - 1) // 3) for s in range(1, 13)}
    (plan,) = store.plans(run.id)
    assert plan.made_at < 6
    assert np.interp(range(7, 13), plan.steps, plan.values) == pytest.approx([module.rates[s] for s in range(7, 13)])


def test_steps_that_the_module_takes_itself(driver, tmp_path, recorded, fit):
    """Manual optimization with two optimizers: the first one's steps count."""
    from barograph.collectors.integrations.lightning import BarographCallback

    class Manual(driver.Module):
        def __init__(self):
            super().__init__(6)
            self.automatic_optimization, self.losses = False, []

        def training_step(self, batch, index):
            for optimizer in self.optimizers():
                optimizer.zero_grad()
            loss = self.body(batch).square().mean()
            self.manual_backward(loss)
            for optimizer in self.optimizers():
                optimizer.step()
            self.losses.append(loss.item())
            return loss

        def configure_optimizers(self):
            one, other = self.body[0].parameters(), self.body[2].parameters()
            return [torch.optim.AdamW(one, lr=0.01), torch.optim.SGD(other, lr=0.02)], []

    module = Manual()
    fit(module, 6, [BarographCallback(store=tmp_path / "runs.db", name="manual")], max_epochs=1)
    _, run, values = recorded(tmp_path / "runs.db", "manual")
    assert values("loss") == pytest.approx(dict(enumerate(module.losses, 1)))
    assert set(values("lr", ("0",)).values()) == {0.01} and set(values("lr", ("1",)).values()) == {0.02}
    assert run.last_step == 6


def test_tokens_are_counted_as_the_user_says(driver, tmp_path, recorded, fit):
    from barograph.collectors.integrations.lightning import BarographCallback

    callback = BarographCallback(store=tmp_path / "runs.db", name="tokens", tokens=lambda batch: batch.numel())
    fit(driver.Module(4), 8, [callback], max_epochs=1, accumulate_grad_batches=2)
    _, run, values = recorded(tmp_path / "runs.db", "tokens")
    assert values("tokens") == {step: 32.0 * step for step in range(1, 5)} and run.tokens_per_step == 32


def test_the_last_short_step_of_an_epoch_has_the_mean_of_its_batches(driver, tmp_path, recorded, fit):
    from barograph.collectors.integrations.lightning import BarographCallback

    module = driver.Module(3)
    callback = BarographCallback(store=tmp_path / "runs.db", name="short")
    fit(module, 5, [callback], max_epochs=1, accumulate_grad_batches=2)
    _, _, values = recorded(tmp_path / "runs.db", "short")
    assert [len(seen) for seen in module.seen.values()] == [2, 2, 1]
    assert values("loss") == pytest.approx({step: sum(seen) / len(seen) for step, seen in module.seen.items()})
