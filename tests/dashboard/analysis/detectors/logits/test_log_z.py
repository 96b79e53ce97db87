import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(0, 3000, 10)


def watch(shift, loss=None, seed=0, every=1, cuts=(), name="log_z_mean"):
    """Output logits that are moved together by `shift` [300]."""
    rng = np.random.default_rng(seed)
    loss = 2.5 + 3 * np.exp(-STEPS / 300) if loss is None else loss
    loss = loss + smooth_noise(rng, len(STEPS), 0.1)
    log_z = loss + 3 + shift + smooth_noise(rng, len(STEPS), 0.5, 0.8)
    return replay("log_z", {name: (STEPS[::every], log_z[::every]), "loss": (STEPS, loss)}, cuts=cuts)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_drift_in_either_direction(sign):
    said = watch(sign * 0.1 * np.maximum(0, STEPS - 1000))
    assert [f.severity for f in said] == [Severity.WATCH, Severity.ACT]
    assert said[0].flagged == pytest.approx(1330, abs=60)  # 30 nats away
    assert said[1].flagged == pytest.approx(2010, abs=60)  # 100 nats away
    assert np.sign(said[1].evidence["value"]) == sign and not said[0].open and said[1].open


def test_healthy_runs_are_silent():
    for seed in range(20):
        assert not watch(-3 * np.log1p(STEPS / 100), seed=seed)  # settles at -10
    assert not watch(np.zeros(300), name="log_z_max")


def test_a_blow_up_of_the_loss_is_not_foretold_by_its_own_identity():
    loss = 2.5 + np.where(STEPS > 2000, 80.0, 0)
    assert not watch(np.zeros(300), loss=loss)


def test_a_single_sample_is_no_drift():
    assert not watch(np.where(STEPS == 1500, -400.0, 0))


def test_a_level_that_was_there_from_the_start_is_no_drift():
    assert not watch(np.full(300, -150.0))


def test_it_closes_when_the_logits_are_back():
    said = watch(np.where((STEPS > 1000) & (STEPS < 2000), -60.0, 0))
    assert [f.open for f in said] == [False] and said[0].last <= 2020


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    shift = -0.1 * np.maximum(0, STEPS - 1000) + 0.2 * np.maximum(0, STEPS - 2000)
    cuts = [5, 15, 25, *any_cuts(seed, 3000)]
    assert watch(shift, seed=seed, every=3) == watch(shift, seed=seed, every=3, cuts=cuts) != []
