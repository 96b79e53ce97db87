"""A writer that keeps what it is told in memory, and a small model to train."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from barograph.db import RunWriter


class MemoryWriter:
    """The store's writer, as far as the collectors use it: `values[key][step]`, the last value written wins."""

    def __init__(self, run, from_step=0):
        self.run = dataclasses.replace(run, id=run.id or "memory")
        self.from_step = from_step
        self.values, self.order = {}, []
        self.descriptions, self.events, self.evaluations, self.plans, self.attempts = {}, [], [], [], []
        self.dropped, self.tended, self.state, self.stop_reason = 0, 0, None, ""
        self.network, self.findings = False, []

    def points(self, step, keys, values):
        assert len(keys) == len(values)
        for key, value in zip(keys, values, strict=True):
            assert isinstance(value, float), (key, value)
            self.values.setdefault(key, {})[step] = value
            self.order.append((key, step))

    late = points

    def describe(self, description):
        self.descriptions[description.name] = description

    def event(self, event):
        self.events.append(event)

    def evaluation(self, evaluation):
        self.evaluations.append(evaluation)

    def plan(self, plan):
        self.plans.append(plan)

    def update(self, **fields):
        self.run = dataclasses.replace(self.run, **fields)

    def begin_attempt(self, from_step):
        self.attempts.append(from_step)
        self.from_step = from_step
        return len(self.attempts)

    def tend(self):
        self.tended += 1

    def stop_requested(self):
        return bool(self.stop_reason)

    def new_findings(self):
        found, self.findings = self.findings, []
        return found

    def close(self, state):
        self.state = state

    def series(self, name):
        """[(step, value)] of a whole series."""
        return sorted(self.values.get(name, {}).items())


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Tensors this small gain nothing from a second thread, and wait for it where the machine is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def memory_writer():
    """The writer's class."""
    return MemoryWriter


@pytest.fixture
def writers(monkeypatch):
    """The writers that `watch` has opened, newest last; all in memory."""
    opened = []

    def open_in_memory(url, run, *, resume=False, step=None):
        opened.append(MemoryWriter(run, step or 0))
        return opened[-1]

    monkeypatch.setattr(RunWriter, "open", open_in_memory)
    return opened


@pytest.fixture
def small():
    """A model with a buffer, dropout, a tied and a frozen tensor, and a function that gives its loss."""
    torch.manual_seed(0)
    return SmallModel()


class SmallModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(11, 6)
        self.body = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Dropout(0.2), nn.ReLU(), nn.Linear(5, 6))
        self.head = nn.Linear(6, 11, bias=False)
        self.head.weight = self.table.weight
        self.frozen = nn.Parameter(torch.ones(3), requires_grad=False)

    def forward(self, tokens):
        return self.head(self.body(self.table(tokens)))

    def loss(self):
        tokens = torch.randint(11, (16,))
        return nn.functional.cross_entropy(self(tokens), tokens.roll(1))


@pytest.fixture
def train():
    """train(model, optimizers, run, steps, ...): a loop that clips and logs after each step; returns the losses."""

    def loop(model, optimizer, run=None, steps=5, clip=0.05, scheduler=None, each=lambda step: None):
        losses = []
        for step in range(1, steps + 1):
            loss = model.loss()
            optimizer.zero_grad()
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            if run is not None:
                run.log(loss=loss, tokens=16)
            losses.append(loss.item())
            each(step)
        return losses

    return loop
