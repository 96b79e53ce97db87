"""Losses of single samples: their quantiles and their mean."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from barograph.collectors import watch


def test_quantiles_of_each_step(writers):
    draws = np.random.default_rng(0).gamma(2.0, size=(3, 40))
    with watch() as run:
        for losses in draws:
            run.log(sample_loss=torch.tensor(losses).reshape(8, 5).bfloat16().double())
    for step, losses in enumerate(torch.tensor(draws).bfloat16().double().numpy(), 1):
        for name, q in (("loss_p05", 0.05), ("loss_p50", 0.5), ("loss_p95", 0.95)):
            assert writers[0].values[name][step] == pytest.approx(np.quantile(losses, q), rel=1e-6)
        assert writers[0].values["loss"][step] == pytest.approx(losses.mean(), rel=1e-6)
    described = writers[0].descriptions["loss_p95"]
    assert described.better == "lower" and "larger loss" in described.sentence


def test_a_loss_that_the_loop_logs_stays_what_it_is(writers, small):
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    with watch(small, optimizer) as run:
        for _ in range(3):
            small.loss().backward()
            optimizer.step()
            run.log(loss=7.0, tokens=4)  # a weighted one, say
            run.log(sample_loss=torch.ones(4), tokens=0)
    assert [v for _, v in writers[0].series("loss")] == [7.0] * 3
    assert [v for _, v in writers[0].series("loss_p50")] == [1.0] * 3


def test_another_split_has_its_own(writers):
    with watch() as run:
        run.log(loss=1.0)
        run.log(sample_loss=torch.tensor([1.0, 2.0, 3.0]), split="val")
        run.log(loss=5.0, sample_loss=torch.tensor([1.0, 2.0]), split="test")
    assert writers[0].values["val_loss_p50"] == writers[0].values["val_loss"] == {1: 2.0}
    assert writers[0].values["test_loss_p50"] == {1: 1.5} and writers[0].values["test_loss"] == {1: 5.0}


def test_what_is_not_finite_is_told_and_what_is_none_is_a_warning(writers):
    with watch() as run:
        run.log(sample_loss=torch.tensor([1.0, float("nan")]))
        with pytest.warns(RuntimeWarning, match="training goes on"):
            run.log(sample_loss=torch.zeros(0))
    assert np.isnan(writers[0].values["loss_p50"][1]) and len(writers[0].series("loss_p50")) == 1
