"""Every file in collectors/signals goes through every check."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest
import torch
from torch import nn

from barograph.collectors.hooks.activation_statistics import ActivationStatistics
from barograph.collectors.hooks.clipping import Clip
from barograph.collectors.hooks.forward_statistics import ForwardStatistics
from barograph.collectors.hooks.parameter_layout import ParameterLayout
from barograph.collectors.quantities.gradient_norms import global_norm
from barograph.collectors.quantities.gradient_spikes import gradient_spikes
from barograph.collectors.recording.step_clock import StepClock
from barograph.collectors.signal import Price, Signal
from barograph.collectors.signals import discover
from barograph.collectors.step_context import StepContext
from barograph.known_series import SERIES

SIGNALS = discover()
NOT_HERE = "grad_norm_applied", "grad_spike_peers", "noise_scale", "update_cosine", "device_memory"
NOT_HERE += "module_change", "bottom_to_top"  # need a second look, and four layers


class Scaler:
    def __init__(self, device):
        self._scale = torch.full((1,), 1024.0, device=device)


def a_step(device, price_of=None):
    """Before and after one clipped AdamW step on `device`, as a tracker shows it."""
    body = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3))
    model = nn.ModuleDict({"body": body, "table": nn.Embedding(5, 2)}).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    clip = Clip(tuple(map(id, model.parameters())), torch.full((), 5.0, device=device), 1.0)
    clock = StepClock(0.0)
    clock.tick(1.0, 1, 10)
    clock.tick(2.0, 2, 20)
    forward = ForwardStatistics(model, lambda: True, lambda what, problem: pytest.fail(f"{what}: {problem!r}"))
    forward.attention(*torch.ones(2, 2, 3, 5, 4, device=device), layer="0", is_causal=True)
    forward.logits(torch.ones(5, 4, device=device), torch.zeros(5, dtype=torch.long, device=device))
    scaler = Scaler(device)
    layout = ParameterLayout(optimizer, model)
    for step in range(30) if device == "cpu" else ():  # some signals compare with what has been
        assert (gradient_spikes(StepContext(step, optimizer, layout)) is None) == (step < 20)
        optimizer.step()
    layout.state(ActivationStatistics).expect(StepContext(29, optimizer, layout))
    with torch.enable_grad():
        body(torch.ones(2, 4, device=device))
    seen = StepContext(30, optimizer, layout, [clip], scaler=scaler, clock=clock, dropped=1, forward=forward)
    try:
        yield seen
        optimizer.step()
        seen.taken()
        yield seen
    finally:
        layout.close()


def measure(signal, device):
    with torch.no_grad():
        for seen in a_step(device):
            if signal.moment_for(seen.optimizer) is seen.moment:
                return signal.measure(seen)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_says_what_it_is(name):
    signal = SIGNALS[name]
    family = importlib.import_module(signal.measure.__module__)
    assert isinstance(signal, Signal) and getattr(family, name) is signal  # in its family's file, under its own name
    assert re.fullmatch("[a-z][a-z0-9_]*", name)
    assert signal.title and signal.remedy and signal.remedy[0].islower()
    assert signal.better in ("lower", "higher", "neither")
    assert signal.sentence and not signal.sentence.endswith(".")
    assert inspect.getdoc(family) and inspect.getdoc(signal.measure)
    assert signal.free is None or not signal.axes or signal.price is Price.RARE


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_gives_what_the_recorder_takes(name):
    signal = SIGNALS[name]
    measured = measure(signal, "cpu")
    if name in NOT_HERE:
        assert measured is None
        return
    if signal.axes:
        parts, values = measured
        assert isinstance(parts, tuple) and len(parts) == len(values) > 0
        names = [(part,) if isinstance(part, str) else part for part in parts]
        assert all(len(n) == len(signal.axes) and all(isinstance(name, str) for name in n) for n in names)
        assert measure(signal, "cpu")[0] == parts
    else:
        assert isinstance(measured, float) or measured.dim() == 0


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_never_waits_for_the_device(name, monkeypatch):
    """Tensors on the meta device have no values: whoever reads one fails."""
    monkeypatch.setattr("torch.cuda.max_memory_allocated", lambda device: 1.0)
    measure(SIGNALS[name], "meta")


def test_reading_a_value_would_be_noticed():
    signal = Signal("reader", lambda seen: global_norm(seen).item(), "reads", "Reader")
    with pytest.raises(RuntimeError, match="meta"):
        measure(signal, "meta")


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_leaves_everything_as_it_was(name):
    steps = a_step("cpu")
    seen = next(steps)
    for _ in range(2):
        before = [t.clone() for p in seen.layout.params for t in (p, p.grad)]
        state = torch.get_rng_state()
        with torch.no_grad():
            if SIGNALS[name].moment_for(seen.optimizer) is seen.moment:
                SIGNALS[name].measure(seen)
        assert all(map(torch.equal, before, [t for p in seen.layout.params for t in (p, p.grad)]))
        assert torch.equal(state, torch.get_rng_state())
        seen = next(steps, seen)


@pytest.mark.parametrize("name", sorted(SIGNALS.keys() & SERIES.keys()))
def test_older_runs_get_the_same_title(name):
    assert SERIES[name].title == SIGNALS[name].title
