"""What the Hugging Face Trainer leaves in its output folder."""

from __future__ import annotations

import json

import pytest

from barograph.db import Store
from barograph.db.importers import find, take_in
from tests.db.importers.written import bring, trainer_state, write_trainer_state


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def test_checkpoints_are_one_run_and_the_newest_counts(store, tmp_path):
    for folder, n in (("checkpoint-50", 50), ("checkpoint-200", 200), ("checkpoint-100", 100)):
        (tmp_path / "out" / folder).mkdir(parents=True)
        write_trainer_state(tmp_path / "out" / folder / "trainer_state.json", n)
        (tmp_path / "out" / folder / "training_args.bin").write_bytes(b"\x80\x04pickle")
    sources, refused = find([tmp_path / "out"])
    assert len(sources) == 1 and len(sources[0].paths) == 3 and len(refused) == 3
    run = take_in(store, sources[0]).run
    assert (run.name, store.run(run.id).last_step) == ("out", 199)
    assert bring(store, tmp_path / "out" / "checkpoint-200" / "trainer_state.json").run.id == run.id


def test_plan_flops_and_hyper_parameters(store, tmp_path):
    run = store.run(bring(store, write_trainer_state(tmp_path / "trainer_state.json")).run.id)
    assert (run.steps_planned, run.flops_per_token) == (400, 6000.0)
    assert run.config["num_train_epochs"] == 8 and run.config["total_flos"] == 6e6
    assert {"epoch", "eval_accuracy", "eval_runtime", "grad_norm", "val_loss"} <= store.signals(run.id).keys()


def test_the_summary_of_the_run_is_no_point_of_it(store, tmp_path):
    state = trainer_state(20)
    last = {"epoch": 1.0, "step": 19, "train_loss": 99.0, "train_runtime": 500.0, "total_flos": 6e6}
    state["log_history"].append(last)
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps(state))
    run = store.run(bring(store, path).run.id)
    assert store.series(run.id, "loss").values[-1] < 10 and "train_loss" not in store.signals(run.id)
    assert run.config["train_loss"] == 99.0
    assert run.ended - run.started == pytest.approx(500.0)


def test_set_back_to_a_checkpoint(store, tmp_path):
    state = trainer_state(30)
    state["log_history"] += [{"step": s, "loss": 7.0} for s in range(11, 40)]
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps(state))
    run = bring(store, path).run.id
    assert [(a.number, a.from_step) for a in store.attempts(run)] == [(0, 0), (1, 10)]
    loss = store.series(run, "loss")
    assert loss.steps.tolist() == list(range(40)) and (loss.values[11:] == 7).all() and (loss.values[:11] != 7).all()
    assert store.series(run, "loss", attempt=0).steps[-1] == 29


@pytest.mark.parametrize("lost", ["max_steps", "total_flos", "trial_params"])
def test_a_file_cut_off_behind_its_log_keeps_the_whole_log(store, tmp_path, lost):
    path = write_trainer_state(tmp_path / "trainer_state.json")
    text = path.read_text()
    path.write_text(text[: text.index(lost) + 3])
    done = bring(store, path)
    assert len(store.series(done.run.id, "loss")) == 200 and "stopped at line" in done.sentence


@pytest.mark.parametrize("history", [None, {}, 3, [], [1, "a"], [{}], [{"step": 1}], [{"step": None, "loss": []}]])
def test_a_log_of_another_shape_is_a_sentence(store, tmp_path, history):
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps({"log_history": history, "max_steps": "x", "global_step": [1]}))
    with pytest.raises(ValueError, match="no number to import"):
        bring(store, path)
