"""Largest singular values and stable ranks, against the singular values themselves."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors import watch


def followed(matrix, steps=1, preset="full", move=lambda w, step: None):
    """Trains nothing: `move` does what it likes to the weights after each step."""
    model = nn.ParameterDict({"w": nn.Parameter(matrix.clone())})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with watch(model, optimizer, preset=preset):
        for step in range(1, steps + 1):
            model.w.grad = torch.zeros_like(model.w)
            optimizer.step()
            with torch.no_grad():
                move(model.w, step)
    return model.w.detach()


def truth(w):
    values = torch.linalg.svdvals(w.double())
    return float(values[0]), float(values.square().sum() / values[0] ** 2)


@pytest.mark.parametrize("shape", [(30, 80), (80, 30), (1, 5), (5, 1), (64, 64)])
def test_a_spectrum_with_a_gap(writers, shape):
    torch.manual_seed(0)
    w = torch.randn(shape) / 10 + torch.outer(torch.randn(shape[0]), torch.randn(shape[1]))
    followed(w)
    sigma, rank = truth(w)
    assert writers[0].values["spectral_norm", "w"][1] == pytest.approx(sigma, rel=1e-5)
    assert writers[0].values["stable_rank", "w"][1] == pytest.approx(rank, rel=1e-4)


def test_random_matrices_are_told_from_below_to_a_percent_and_how_far_they_are_from_converged(writers):
    for seed in range(10):
        torch.manual_seed(seed)
        w = torch.randn(100, 150)
        followed(w)
        found = writers[-1].values["spectral_norm", "w"][1] / truth(w)[0]
        assert 0.99 < found <= 1 + 1e-6
        residual = writers[-1].values["spectral_residual", "w"][1]
        assert 1 - found <= residual < 0.1 or found > 0.9999
        assert writers[-1].values["stable_rank", "w"][1] >= truth(w)[1] * (1 - 1e-5)


def test_it_goes_on_from_where_it_was(writers):
    """Three iterations a look are enough for weights that move slowly."""
    torch.manual_seed(0)
    w = followed(torch.randn(60, 60), 1500, move=lambda w, step: w.add_(0.002 * torch.randn(60, 60)))
    found = dict(writers[0].series(("spectral_norm", "w")))
    assert list(found) == [1, *range(100, 1501, 100)]
    assert found[1500] == pytest.approx(truth(w)[0], rel=0.03)


def test_half_precision_and_large_values(writers):
    torch.manual_seed(0)
    w = (torch.randn(40, 40) * 100 + 500).half()  # its singular value squared is no half-precision number
    followed(w)
    assert writers[0].values["spectral_norm", "w"][1] == pytest.approx(truth(w)[0], rel=1e-4)


@pytest.mark.parametrize("bad", [0.0, float("nan"), float("inf")])
def test_weights_that_are_all_zero_or_not_finite_are_told_and_passed(writers, bad):
    torch.manual_seed(0)
    good = torch.randn(20, 20) + 3
    w = followed(torch.full((20, 20), bad), 200, move=lambda w, step: w.copy_(good) if step == 150 else None)
    for name, value in zip(("spectral_norm", "stable_rank"), truth(w), strict=True):
        found = writers[0].values[name, "w"]
        assert found[1] == 0.0 if bad == 0.0 else found[1] != found[1] or found[1] == float("inf")
        assert found[200] == pytest.approx(value, rel=1e-3)


def test_only_matrices_and_only_in_full(writers, small, train):
    for preset in ("standard", "full"):
        optimizer = torch.optim.AdamW(small.parameters())
        with watch(small, optimizer, preset=preset) as run:
            train(small, optimizer, run, steps=1)
    none, some = ({k[1] for k in w.values if k[0] == "stable_rank"} for w in writers)
    assert none == set() and some == {"table.weight", "body.0.weight", "body.4.weight"}
