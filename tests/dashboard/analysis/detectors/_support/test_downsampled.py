import numpy as np
import pytest

from barograph.dashboard.analysis.detectors._support.downsampled import Downsampled


@pytest.mark.parametrize("every", [1, 8])
@pytest.mark.parametrize("n", [5, 64, 200, 3001])
def test_means_of_blocks_that_double(n, every):
    values = np.random.default_rng(n).standard_normal(n)
    thin = Downsampled(size=64, every=every)
    thin.add(10 * np.arange(n), values)
    blocks = values[: n // thin.stride * thin.stride].reshape(-1, thin.stride)
    np.testing.assert_allclose(thin.values, blocks.mean(axis=1), rtol=1e-10, atol=1e-14)
    np.testing.assert_array_equal(thin.steps, 10 * (np.arange(1, len(blocks) + 1) * thin.stride - 1))
    assert len(thin) < 64 and (n < 64 * every or len(thin) >= 31)


@pytest.mark.parametrize("seed", range(5))
def test_every_moment_is_the_same_however_the_points_are_cut(seed):
    rng = np.random.default_rng(seed)
    values, steps = rng.standard_normal(1500), np.arange(1500)
    values[rng.integers(0, 1500, 30)] = np.nan
    whole, pieces = Downsampled(32, 2), Downsampled(32, 2)
    seen = [(step, whole.values.copy()) for step in whole.feed(steps, values)]
    again = []
    for part in np.split(steps, np.sort(rng.integers(0, 1500, 200))):
        again += [(step, pieces.values.copy()) for step in pieces.feed(part, values[part])]
    assert [step for step, _ in seen] == [step for step, _ in again]
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(seen, again, strict=True))
