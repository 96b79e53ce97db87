"""Output logits: log Z and certainty against an oracle in float64, and the calls of cross-entropy that are seen."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import cross_entropy as imported_before

from barograph.collectors import watch
from barograph.collectors.hooks.forward_statistics import observers
from barograph.collectors.numerics import output_logits
from barograph.collectors.numerics.output_logits import classes_last, confidence

ORIGINAL = F.cross_entropy


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    torch.manual_seed(0)
    yield
    assert F.cross_entropy is imported_before is ORIGINAL and not observers


def oracle(logits, targets=None, ignore_index=-100):
    """Over the sampled positions of logits [positions, classes], one after the other."""
    stride = -(-len(logits) // output_logits.POSITIONS)
    log_z, certain = [], []
    for i in range((len(logits) - 1) % stride, len(logits), stride):
        if targets is None or targets[i] != ignore_index:
            row = [math.exp(float(z)) for z in logits[i].double()]
            log_z.append(math.log(math.fsum(row)))
            certain.append(max(row) / math.fsum(row))
    return max(log_z), math.fsum(log_z) / len(log_z), math.fsum(certain) / len(certain)


@pytest.mark.parametrize("positions", [512, 10])
@pytest.mark.parametrize("piece", [1 << 16, 40, 1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_as_the_oracle(monkeypatch, positions, piece, dtype):
    monkeypatch.setattr(output_logits, "POSITIONS", positions)
    monkeypatch.setattr(output_logits, "PIECE", {"cpu": piece})
    logits = (torch.randn(37, 11) * 5 - 40).to(dtype)
    targets = torch.randint(11, (37,)).masked_fill(torch.rand(37) > 0.6, -100)
    for given in ((logits,), (logits, targets), (logits, targets, 3)):
        for value, true in zip(confidence(*given), oracle(*given), strict=True):
            assert value.item() == pytest.approx(true, rel=1e-5)


def test_shapes_of_cross_entropy():
    """[sequences, classes, positions, ...] and one position alone."""
    logits, targets = torch.randn(3, 5, 4, 2), torch.randint(5, (3, 4, 2))
    flat, classes = logits.movedim(1, -1).reshape(-1, 5), targets.flatten()
    assert confidence(*classes_last(logits, targets), 2) == pytest.approx(oracle(flat, classes, 2), rel=1e-5)
    assert confidence(*classes_last(logits[0, :, 0, 0], targets[0, 0, 0])) == pytest.approx(oracle(flat[:1]), rel=1e-5)
    assert confidence(*classes_last(flat, torch.rand(24, 5))) == pytest.approx(oracle(flat), rel=1e-5)


def test_many_sequences_are_not_copied(monkeypatch):
    monkeypatch.setattr(output_logits, "POSITIONS", 8)
    kept, targets = classes_last(torch.randn(100, 5, 4), torch.zeros(100, 4, dtype=torch.long))
    assert kept.shape == (2, 4, 5) and targets.shape == (2, 4)


def test_what_is_not_finite_stays_so():
    logits = torch.zeros(3, 4)
    logits[1, 2] = math.nan
    assert all(value.isnan() for value in confidence(logits))
    nothing = confidence(torch.zeros(3, 4), torch.full((3,), -100))
    assert all(value.isnan() for value in nothing)


def test_a_padded_vocabulary():
    """Classes that do not exist are at -inf."""
    logits = torch.zeros(3, 4)
    logits[:, 3] = -math.inf
    assert [v.item() for v in confidence(logits)] == pytest.approx([math.log(3), math.log(3), 1 / 3])


LOSSES = {
    "by its module": lambda z, y: F.cross_entropy(z, y),
    "imported before": lambda z, y: imported_before(z, y, ignore_index=1, label_smoothing=0.1),
    "a module": nn.CrossEntropyLoss(ignore_index=1),
}


@pytest.mark.parametrize("way", LOSSES)
def test_training_is_seen_and_nothing_else(writers, way):
    model = nn.Linear(3, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    x, y = torch.randn(2, 20, 3), torch.randint(5, (2, 20))
    logits = model(x).detach()
    with watch(model, optimizer) as run:
        for step in range(1, 12):
            with torch.no_grad():
                LOSSES[way](9 * model(x[0]), y[0])
            for half in (0, 1):  # two micro-batches
                LOSSES[way](model(x[half]), y[half]).backward()
            optimizer.step()
            run.log(loss=1.0, step=step)
    each = [oracle(z, *(() if way == "by its module" else (t, 1))) for z, t in zip(logits, y, strict=True)]
    true = {"log_z_max": max(e[0] for e in each)}
    true |= {"log_z_mean": sum(e[1] for e in each) / 2, "max_prob": sum(e[2] for e in each) / 2}
    for name, value in true.items():
        assert writers[0].series(name) == [(step, pytest.approx(value, rel=1e-5)) for step in (1, 10)]


def test_a_fused_loss_shows_them_itself(writers):
    weight = nn.Parameter(torch.ones(3))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    logits, targets = torch.randn(2, 4, 5), torch.randint(5, (2, 4))
    with watch(None, optimizer) as run:
        run.logits(logits, targets, ignore_index=2)
        weight.sum().backward()
        optimizer.step()
    true = oracle(logits.flatten(0, 1), targets.flatten(), 2)
    assert [writers[0].values[name][1] for name in ("log_z_max", "log_z_mean", "max_prob")] == pytest.approx(true)


def test_a_failure_is_one_warning(writers, monkeypatch):
    monkeypatch.setattr("barograph.collectors.hooks.forward_statistics.confidence", lambda *_: 1 / 0)
    model = nn.Linear(3, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.warns(RuntimeWarning, match="measuring output logits is off from here on") as caught:
        with watch(model, optimizer):
            for _ in range(12):
                F.cross_entropy(model(torch.randn(4, 3)), torch.zeros(4, dtype=torch.long)).backward()
                optimizer.step()
    assert len(caught) == 1


def test_wrong_calls_fail_as_they_would(writers):
    model = nn.Linear(3, 5)
    with watch(model, torch.optim.SGD(model.parameters(), lr=0.1)):
        with pytest.raises(TypeError):
            F.cross_entropy(model(torch.randn(4, 3)), [1, 2, 3, 4])
