"""What is of the Hugging Face Trainer alone."""

from __future__ import annotations

import functools
import math

import pytest

from barograph.collectors.machinery import Machinery

pytestmark = pytest.mark.parametrize("driver", ["huggingface"], indirect=True)


def test_every_step_has_a_loss_whatever_the_trainer_logs(driver, tmp_path, recorded):
    told = driver.train(tmp_path, tmp_path / "runs.db", log_every=5)
    _, run, values = recorded(tmp_path / "runs.db")
    losses = values("loss")
    assert list(losses) == list(range(1, 11)) and list(told.losses) == [5, 10]
    for step, logged in told.losses.items():
        assert sum(losses[s] for s in range(step - 4, step + 1)) / 5 == pytest.approx(logged, rel=1e-6)
    assert values("epoch") == pytest.approx({s: s / 10 for s in losses})
    assert values("tokens") == {s: 48.0 * s for s in losses}
    assert run.tokens_per_step == 48 and run.config["model"]["n_embd"] == 16


def test_where_the_trainer_is_not_found_the_loss_is_what_it_logs(driver, tmp_path, recorded, monkeypatch):
    monkeypatch.setattr("barograph.collectors.integrations.huggingface._trainer", lambda: None)
    told = driver.train(tmp_path, tmp_path / "runs.db", log_every=5)
    _, _, values = recorded(tmp_path / "runs.db")
    assert values("loss") == pytest.approx(told.losses) and list(told.losses) == [5, 10]
    assert len(values("grad_norm")) == 10


def test_a_loss_that_the_trainer_filters_out_is_seen(driver, tmp_path, recorded):
    def alter(call, output):
        if call == 7:
            output["loss"] = output["loss"] * math.nan
        return output

    told = driver.train(tmp_path, tmp_path / "runs.db", alter=alter)
    _, run, values = recorded(tmp_path / "runs.db")
    assert math.isnan(values("loss")[7])
    assert not math.isnan(told.losses[7])  # logging_nan_inf_filter
    assert run.state == "diverged"


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("make", ["gpt2", "llama"])
def test_attention_is_seen(driver, tmp_path, recorded, make, attention):
    driver.train(tmp_path, tmp_path / "runs.db", steps=4, make=functools.partial(getattr(driver, make), attention))
    store, run, values = recorded(tmp_path / "runs.db")
    parts = store.signals(run.id)["attn_logit_max"].parts
    assert len(parts) == 4 and {head for _, head in parts} == {"0", "1"} and len({layer for layer, _ in parts}) == 2
    assert all(math.isfinite(v) for part in parts for v in values("attn_logit_max", part).values())
    assert values("log_z_max")


def test_several_sets_are_several_tasks(driver, tmp_path, recorded):
    driver.train(tmp_path, tmp_path / "runs.db", several=True)
    store, run, values = recorded(tmp_path / "runs.db")
    assert list(values("val_loss_prose")) == list(values("val_loss_code")) == [5, 10]
    found = {(e.step, e.task, e.metric, e.n) for e in store.evaluations(run.id)}
    assert found == {(step, task, "accuracy", 8) for step in (5, 10) for task in ("prose", "code")}


def test_an_evaluation_after_training_joins_the_run(driver, tmp_path, recorded):
    driver.train(tmp_path, tmp_path / "runs.db", then=lambda trainer: trainer.evaluate(metric_key_prefix="eval_last"))
    store, run, values = recorded(tmp_path / "runs.db")
    assert list(values("val_loss_last")) == [10] and list(values("loss")) == list(range(1, 11))
    assert [e.step for e in store.evaluations(run.id) if e.task == "last"] == [10]
    assert (run.state, len(store.runs()), run.steps_planned) == ("finished", 1, 10)


def test_what_a_trainer_logs_besides_is_a_series(driver, tmp_path, recorded):
    class Rewarding(driver.Trainer):
        """As TRL's trainers do."""

        def log(self, logs, *arguments):
            super().log({**logs, "rewards/chosen": self.state.global_step / 2, "step_time": 3.0}, *arguments)

    driver.train(tmp_path, tmp_path / "runs.db", log_every=5, kind=Rewarding)
    _, _, values = recorded(tmp_path / "runs.db")
    assert values("rewards/chosen") == {5: 2.5, 10: 5.0}
    assert values("logged_step_time") == {5: 3.0, 10: 3.0} and 3.0 not in values("step_time").values()


def test_a_stop_that_was_pressed_ends_training(driver, tmp_path, recorded, monkeypatch):
    monkeypatch.setattr(Machinery, "stop_requested", property(lambda run: run.record.counter.done >= 3))
    told = driver.train(tmp_path, tmp_path / "runs.db")
    _, run, values = recorded(tmp_path / "runs.db")
    assert list(told.losses) == list(values("loss")) == [1, 2, 3]
    assert run.state == "stopped"


def test_training_twice_is_two_runs(driver, tmp_path, recorded):
    driver.train(tmp_path, tmp_path / "runs.db", steps=4, then=lambda trainer: trainer.train())
    store, run, _ = recorded(tmp_path / "runs.db")
    assert [r.name for r in store.runs()] == ["conformance"] * 2
    assert all(len(store.series(r.id, "loss").steps) == 4 for r in store.runs())
