"""Medians of blocks of points, however they are cut."""

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors._support.block_medians import BlockMedians


@pytest.mark.parametrize("size", [1, 3, 8])
def test_medians_equal_a_slow_loop_however_the_points_are_cut(size):
    rng = np.random.default_rng(size)
    steps, values = 7 * np.arange(500), rng.standard_normal(500)
    values[rng.integers(0, 500, 40)] = [np.nan, np.inf] * 20
    kept = [(step, value) for step, value in zip(steps, values, strict=True) if np.isfinite(value)]
    slow = [kept[i : i + size] for i in range(0, len(kept) - size + 1, size)]
    found = BlockMedians(size)
    pieces = [found.feed(steps[part], values[part]) for part in np.array_split(np.arange(500), 61)]
    assert np.concatenate([steps for steps, _ in pieces]).tolist() == [block[-1][0] for block in slow]
    medians = np.concatenate([values for _, values in pieces])
    assert medians == pytest.approx([np.median([value for _, value in block]) for block in slow])


def test_an_outlier_vanishes_in_its_block():
    steps, medians = BlockMedians(3).feed(np.arange(6), np.array([1.0, 1e9, 2.0, 4.0, 5.0, 6.0]))
    assert steps.tolist() == [2, 5] and medians.tolist() == [2.0, 5.0]


def test_an_unfinished_block_waits():
    blocks = BlockMedians(4)
    assert [len(column) for column in blocks.feed(np.arange(3), np.arange(3.0))] == [0, 0]
    steps, medians = blocks.feed(np.array([9]), np.array([7.0]))
    assert steps.tolist() == [9] and medians.tolist() == [1.5]
