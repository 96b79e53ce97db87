"""The hooks of a run with two optimizers, and the way back."""

from __future__ import annotations

import torch
from torch import nn

from barograph.collectors.due_signals import DueSignals
from barograph.collectors.hooks.forward_statistics import observers
from barograph.collectors.hooks.run_hooks import RunHooks
from barograph.collectors.measurement import NotMeasured
from barograph.collectors.recording.recorder import Recorder
from barograph.collectors.recording.run_record import RunRecord
from barograph.collectors.schedule.planner import Planner
from barograph.collectors.signals import discover
from barograph.db import Run


def plan(publish, say):
    return Planner(None, None, None, publish, say)


def test_put_on_and_taken_off(memory_writer):
    signals, writer = discover(), memory_writer(Run("a", "a"))
    record = RunRecord(Recorder(writer), signals)
    hooks = RunHooks(record, DueSignals(signals.values(), "light", 0))
    models = nn.Linear(2, 2), nn.Linear(2, 2)
    optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in models]
    hooks.attach(optimizers, models[0], None, plan)
    for model, optimizer in zip(models, optimizers, strict=True):
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
    assert record.counter.done == 1 and len(hooks.layouts) == 2 and len(hooks.parameters) == 4
    assert writer.series(("lr", "0")) and writer.series(("lr", "1")), "groups of the second are counted on"
    for name in ("lr", "time"):
        hooks.failed(signals[name], NotMeasured("no rate"))
    optimizers[0].step()
    assert [event.text for event in writer.events] == ["lr, time: no rate"], "one sentence for each reason"
    assert not {"lr", "time"} & {signal.name for signal, _ in hooks.due(True, 2)}
    hooks.close()
    assert not observers and not optimizers[0]._optimizer_step_pre_hooks and hooks.layouts == []
    record.recorder.end("finished")
