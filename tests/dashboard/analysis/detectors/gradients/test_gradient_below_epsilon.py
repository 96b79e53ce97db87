import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.detector import Facts
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(0, 4000, 10)
NAMES = [f"blocks.{k}.{what}.weight" for k in range(3) for what in ("attn", "mlp")]


def watch(change, seed=0, loss=None, cuts=(), extra=None):
    """log10 of the ratio: 4 plus noise, and for the tensors in `change` what is added to it."""
    rng = np.random.default_rng(seed)
    signals = {}
    for name in NAMES:
        log = 4 + smooth_noise(rng, len(STEPS), 0.1) + change.get(name, 0)
        signals["grad_rms_to_eps", name] = (STEPS, 10**log)
    if loss is not None:
        signals["loss"] = (STEPS, loss)
    return replay("gradient_below_epsilon", signals | (extra or {}), Facts(eps=1e-8), cuts)


def test_healthy_runs_are_silent():
    for seed in range(20):
        assert not watch({name: -np.log10(1 + STEPS / 100) for name in NAMES}, seed)


def test_one_tensor_that_sinks_is_watched():
    (one,) = watch({NAMES[3]: -STEPS / 1100})  # below 10 at 3300
    assert (one.severity, one.part) == (Severity.WATCH, NAMES[3])
    assert one.flagged == pytest.approx(3700, abs=200) and one.open and "1e-08" in one.sentence


def test_all_that_sink_are_acted_upon_once_below_epsilon():
    said = watch({name: -STEPS / 500 for name in NAMES})  # below 10 at 1500, below 1 at 2000, each for 300 steps
    assert [f.severity for f in said] == [Severity.WATCH, Severity.ACT]
    assert said[0].flagged == pytest.approx(1800, abs=100) and said[1].flagged == pytest.approx(2250, abs=150)
    assert said[1].evidence["tensors"] == 6


def test_an_epsilon_that_is_too_large_from_the_start():
    assert watch({name: -5.0 for name in NAMES})[-1].severity == Severity.ACT


def test_tensors_without_gradients_do_not_count():
    rounding = 10 ** np.random.default_rng(0).uniform(-3, -2, len(STEPS))
    unused = {
        ("grad_rms_to_eps", "frozen.weight"): (STEPS, np.zeros(len(STEPS))),
        ("grad_rms_to_eps", "blocks.0.attn.key.bias"): (STEPS, rounding * 1e3),
        ("grad_rms_to_eps", "unreached.weight"): (STEPS, rounding),
    }
    assert not watch({}, extra=unused)


def test_gradients_vanish_for_a_good_reason_where_the_loss_has():
    sink = {name: -STEPS / 500 for name in NAMES}
    assert {f.severity for f in watch(sink, loss=3 * np.exp(-STEPS / 100))} == {Severity.NOTE}
    assert watch(sink, loss=np.full(len(STEPS), 3.0))[-1].severity == Severity.ACT


def test_it_closes_when_the_gradient_is_back():
    said = watch({NAMES[0]: np.where((STEPS > 1000) & (STEPS < 2000), -4.0, 0)})
    assert [f.open for f in said] == [False] and said[0].last == 1990


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    change = {name: -3.5 + np.cumsum(rng.standard_normal(len(STEPS))) * 0.1 for name in NAMES}
    assert watch(change, seed) == watch(change, seed, cuts=any_cuts(seed, 4000)) != []
