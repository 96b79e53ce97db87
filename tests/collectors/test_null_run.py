"""The run where nothing is recorded takes every verb of a live one."""

from __future__ import annotations

import inspect

import torch

from barograph.collectors import evaluator
from barograph.collectors.null_run import NullRun
from barograph.collectors.run import LiveRun

VERBS = [name for name, one in vars(LiveRun).items() if inspect.isfunction(one) and not name.startswith("_")]


def test_every_verb_is_there_and_does_nothing():
    run = NullRun()
    for name in VERBS:
        assert name in vars(NullRun) and getattr(run, name)("anything", 1, of="any kind") is None
    assert (run.over, run.step, run.should_stop, run.stop_reason, run.id, run.name) == (True, 0, False, "", "", "")


def test_a_script_runs_with_it():
    with NullRun() as run:
        probe = evaluator(run, torch.nn.Linear(1, 1), {"task": lambda: 1 / 0})
        run.begin_task("task")
        probe()
    assert probe.done == 0


def test_nothing_public_is_there_but_what_a_live_run_has():
    assert {name for name in dir(NullRun()) if name[0] != "_"} == {name for name in dir(LiveRun) if name[0] != "_"} | {
        "id", "name",
    }  # fmt: skip
