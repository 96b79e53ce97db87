import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(2000)


def watch(embedding=1.0, rest=1.0, seed=0, cuts=(), norm="grad_norm"):
    """Factors on the embedding's and the other layers' gradient norms, which are noisy and fall over the run."""
    rng = np.random.default_rng(seed)
    fall = 1 + 4 * np.exp(-STEPS / 200)
    common = np.exp(smooth_noise(rng, len(STEPS), 0.25))
    e = 0.3 * fall * common * np.exp(smooth_noise(rng, len(STEPS), 0.15)) * embedding
    r = fall * common * np.exp(smooth_noise(rng, len(STEPS), 0.1)) * rest
    return replay("embedding_gradient", {"grad_norm_embedding": (STEPS, e), norm: (STEPS, np.hypot(e, r))}, cuts=cuts)


@pytest.mark.parametrize("norm", ["grad_norm", "grad_norm_applied"])
def test_the_embedding_jumps(norm):
    (one,) = watch(np.where(STEPS == 1500, 20.0, 1), norm=norm)
    assert (one.first, one.flagged, one.severity, one.open) == (1500, 1500, Severity.WATCH, False)
    assert one.evidence["norm"] > 10 * one.evidence["usual"]


def test_a_spike_of_all_layers_is_not_the_embeddings():
    both = np.where(STEPS == 1500, 20.0, 1)
    assert not watch(both, both) and not watch(1.0, both)


def test_a_rest_that_shrinks_is_no_fault_of_the_embedding():
    assert not watch(1.0, np.where(STEPS > 1500, 0.05, 1))


def test_healthy_runs_are_silent():
    assert not any(watch(seed=seed) for seed in range(20))


def test_jumps_near_each_other_are_one():
    (one,) = watch(np.where(np.isin(STEPS, [1500, 1504, 1520]), 20.0, 1))
    assert (one.first, one.last, one.open) == (1500, 1520, False)


@pytest.mark.parametrize("seed", range(5))
def test_growth_is_seen_long_before_it_is_large_and_acted_upon_when_it_lasts(seed):
    watched, acted = watch(np.exp(np.maximum(0, STEPS - 1000) / 100), seed=seed)[:2]
    assert (watched.severity, acted.severity) == (Severity.WATCH, Severity.ACT)
    assert 1100 < watched.flagged < 1250 and 1200 < acted.flagged < 1300


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    jumps = np.where(np.random.default_rng(seed).random(len(STEPS)) < 0.01, 30.0, 1)
    jumps = jumps * np.exp(np.maximum(0, STEPS - 1500) / 80)
    assert watch(jumps, seed=seed) == watch(jumps, seed=seed, cuts=any_cuts(seed, 2000)) != []
