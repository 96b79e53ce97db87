import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay

STEPS = np.arange(2000)
NAMES = [f"blocks.{k}.weight" for k in range(6)]


def scores(hits=(), seed=0):
    """Largest g^2 / v of six tensors: a few tens at every step, and the (step, tensor, score) of `hits`."""
    rng = np.random.default_rng(seed)
    tensors = {name: 20 * np.exp(0.5 * rng.standard_normal(len(STEPS))) for name in NAMES}
    for step, k, score in hits:
        tensors[NAMES[k]][step] = score
    signals = {("grad_spike_max", name): (STEPS, values) for name, values in tensors.items()}
    return signals | {"grad_spike": (STEPS, np.max(list(tensors.values()), axis=0))}


def test_found_at_that_step_and_tensor():
    (one,) = replay("element_spike", scores([(1234, 3, 1e6)]))
    assert (one.first, one.flagged, one.part, one.severity) == (1234, 1234, NAMES[3], Severity.WATCH)
    assert "1,000 times" in one.sentence and "1,234" in one.sentence and not one.open


def test_the_clean_twin_is_silent():
    assert not any(replay("element_spike", scores(seed=seed)) for seed in range(10))


def test_events_not_steps():
    said = replay("element_spike", scores([(500, 1, 6e4), (510, 2, 9e4), (525, 1, 8e4), (900, 4, 7e4)]))
    assert [(f.part, f.first, f.last) for f in said] == [(NAMES[1], 500, 525), (NAMES[4], 900, 900)]
    assert said[0].evidence["steps"] == 3 and said[0].evidence["score"] == 9e4


def test_many_tensors_at_once_are_one_event_named_after_the_worst():
    (one,) = replay("element_spike", scores([(700, k, 6e4 + k) for k in range(6)]))
    assert one.part == NAMES[5] and one.evidence["tensors"] == 6 and "5 more tensors" in one.sentence


def test_the_scalar_alone_suffices():
    signals = {"grad_spike": scores([(1234, 3, 1e6)])["grad_spike"]}
    (one,) = replay("element_spike", signals)
    assert (one.first, one.part) == (1234, "")


def test_the_tail_of_a_healthy_tensor_is_no_spike():
    """Elements that wake after being nearly dead reach 5,000 in any run; a tensor that has such tails says so."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        tail = 20 * rng.pareto(1.0, len(STEPS)) + 5  # 0.4 % of the steps above 5,000
        assert (tail > 5000).any()
        assert not replay("element_spike", {("grad_spike_max", "head.weight"): (STEPS, np.minimum(tail, 4e4))})


def test_the_first_steps_say_nothing():
    assert not replay("element_spike", scores([(60, 1, 1e6)]))


def test_spikes_that_go_on_are_acted_upon():
    watched, acted = replay("element_spike", scores([(1000 + 5 * k, 2, 1e5) for k in range(40)]))
    assert (watched.first, watched.severity, watched.open) == (1000, Severity.WATCH, False)
    assert (acted.flagged, acted.severity, acted.last) == (1045, Severity.ACT, 1195)
    assert acted.evidence["steps"] == 40 and "step 1,000" in acted.sentence


def test_the_share_is_told():
    signals = scores([(300, 0, 1e5)]) | {("grad_spike_share", NAMES[0]): (STEPS, np.where(STEPS == 300, 0.25, 0))}
    assert replay("element_spike", signals)[0].evidence["share"] == 0.25


def test_an_event_stays_open_until_it_is_over():
    signals = {key: (s[:1240], v[:1240]) for key, (s, v) in scores([(1234, 3, 1e6)]).items()}
    assert replay("element_spike", signals)[0].open


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    hits = [(int(s), int(rng.integers(6)), 10 ** float(rng.uniform(3.5, 6))) for s in rng.integers(0, 600, 60)]
    hits += [(int(s), 2, 1e5) for s in rng.integers(300, 400, 30)]
    whole = replay("element_spike", scores(hits))
    assert whole == replay("element_spike", scores(hits), cuts=any_cuts(seed, 700)) != []


def test_spikes_with_large_scores_between_them_stay_spikes():
    """What follows a spike is no measure of the usual: the event lasts as long as the spikes do."""
    hits = [(1000 + k, 2, 1e5 if k % 3 else 4e3) for k in range(600)]
    watched, acted = replay("element_spike", scores(hits))
    assert acted.last == 1599 and acted.severity == Severity.ACT
