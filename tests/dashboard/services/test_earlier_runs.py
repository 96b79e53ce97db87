"""Which finished runs of a store may speak in a forecast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.dashboard.services.earlier_runs import finished, project_of, setup_of
from barograph.dashboard.services.learning_rates import schedule_of
from barograph.db import Run, Store
from tests.dashboard.services.lawful_store import add


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs.db")


def behind(store: Store, run: Run) -> list[str]:
    """The setups of the runs that stand behind a forecast of `run`, nearest first."""
    setup = setup_of(run, schedule_of(store, run)[0], "loss")
    return ["same" if one.setup.name == setup.name else "other" for one in finished(store, run, "loss", setup).runs]


def test_the_library_leaves_out_what_cannot_stand_behind(store):
    run = add(store, "half", 2000)
    add(store, "stopped", state="stopped")
    store.append(Run("no-lr", "no-lr", state="finished"), {"loss": (np.arange(10), np.ones(10))})
    schedule, _ = schedule_of(store, run)
    assert finished(store, run, "loss", setup_of(run, schedule, "loss")).runs == ()


def test_runs_that_differ_in_seed_and_schedule_are_one_setup(store):
    run = add(
        store, "half", 2000, config={"seed": 1, "optim": {"weight_decay": 0.1}, "max_steps": 4000, "run_name": "a"}
    )
    add(store, "twin", config={"seed": 2, "optim": {"weight_decay": 0.1}, "max_steps": 8000, "run_name": "b"})
    add(store, "decayed", config={"seed": 1, "optim": {"weight_decay": 0.2}, "max_steps": 4000, "run_name": "a"})
    assert behind(store, run) == ["same", "other"]


def test_no_project_is_no_common_project(store):
    run = add(store, "half", 2000, project="")
    add(store, "imported", project="")
    assert behind(store, run) == []


def test_runs_of_one_script_model_and_data_are_a_project(store):
    script = {"command": "python train.py --lr 1e-3", "folder": "/home/me", "model": "GPT"}
    run = add(store, "half", 2000, project="", provenance=script)
    add(store, "again", project="", provenance=script | {"command": "python train.py --lr 1e-3 --seed 3"})
    add(store, "another model", project="", provenance=script | {"model": "MLP"})
    add(store, "other data", project="", provenance=script, config={"dataset_path": "code"})
    assert behind(store, run) == ["same"]
    assert project_of(run) != project_of(replace(run, project="mine"))


def test_a_run_that_stopped_before_its_planned_end_is_no_evidence_of_an_end(store):
    run = add(store, "half", 2000)
    add(store, "broken off", 3000)  # finished, by its state
    assert behind(store, run) == []
    setup = setup_of(run, schedule_of(store, run)[0], "loss")
    assert setup.loss_kind == "train" and setup.project == "project:p" and np.isclose(setup.peak_lr, 1e-3)
