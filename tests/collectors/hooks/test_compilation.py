"""What counts as compiled: the run's own model, and graphs made while it goes on."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import torch
from torch import nn

from barograph.collectors.hooks.compilation import Compilation


def test_the_model_itself_in_whole_or_in_part():
    part = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    assert not Compilation(part).at_work and not Compilation(None).at_work
    assert Compilation(torch.compile(nn.Linear(2, 2), backend="eager")).at_work
    part[1].compile(backend="eager")
    assert Compilation(part).at_work


def test_graphs_of_this_run_and_not_of_earlier_ones(monkeypatch):
    counted = SimpleNamespace(FRAME_COUNTER=7)
    monkeypatch.setitem(sys.modules, "torch._dynamo.convert_frame", counted)
    run = Compilation(nn.Linear(2, 2))
    assert not run.at_work
    counted.FRAME_COUNTER = 8
    assert run.at_work
