"""A loss that leaves its lowest level and stays away."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.detector import Happening
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import replay, smooth_noise


def curve(n: int = 2000, seed: int = 0, noise: float = 0.03) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 1.5 + 2 * (1 + np.arange(n) / 30) ** -0.5 + noise * rng.standard_normal(n)


def found(losses, every: int = 1, lr=None, **more) -> list:
    steps = every * np.arange(len(losses))
    signals = {"loss": (steps, losses)} | ({} if lr is None else {("lr", "0"): (steps, lr)})
    return replay("divergence", signals, **more)


@pytest.mark.parametrize("every", [1, 10, 500])
@pytest.mark.parametrize("scale", [0.005, 1.0, 300.0])
def test_a_loss_that_stays_up_is_acted_on_within_twenty_points(scale, every):
    losses = curve()
    losses[1200:] += 0.6
    (one,) = found(scale * losses, every)
    assert one.severity is Severity.ACT and one.open
    assert one.first == 1200 * every and one.flagged <= 1220 * every and one.last == 1999 * every


def test_an_explosion_is_acted_on_within_ten_points():
    losses = curve()
    losses[1200:] = 9
    (one,) = found(losses)
    assert one.severity is Severity.ACT and one.flagged == 1209


def test_the_sentence_is_brought_up_to_date_while_it_lasts():
    losses = curve()
    losses[1200:] = np.linspace(3.0, 11.61, 800)
    for n in (1260, 1600, 2000):
        (one,) = [one for one in found(losses[:n]) if one.open]
        assert f"up to {losses[n - 1]:.4g} against" in one.sentence and one.evidence["loss"] == losses[n - 1]
        assert one.last == n - 1
    losses[1500] = 15.0
    assert "up to 15 against" in found(losses)[-1].sentence


def test_a_slow_rise_is_found_before_a_fifth_of_the_fall_is_lost():
    losses = curve()
    losses[1000:] += np.linspace(0, 2, 1000)
    named = found(losses)
    (act,) = [one for one in named if one.severity is Severity.ACT]
    assert losses[act.flagged] - losses[:1000].min() < 0.2 * (losses[0] - losses[:1000].min()) + 0.1


@pytest.mark.parametrize("n", [12, 20, 60])
def test_a_run_of_few_reports_that_is_lost_is_acted_on(n):
    losses = 1.7 + 1.5 * np.exp(-8 * np.arange(n) / n)
    losses[n // 2 :] = 9.5
    (one,) = found(losses, 100)
    row = max(4, (n // 2 + n // 10) // 5)  # a fifth of the reports so far, four at least
    assert one.severity is Severity.ACT and one.first == 100 * (n // 2)
    assert one.flagged <= 100 * (n // 2 + row) and "above the" in one.sentence


def test_three_reports_are_not_enough():
    losses = np.array([3.2, 2.5, 2.1, 1.9, 1.8, 1.75, 8.9, 9.4, 9.6])
    assert found(losses, 100) == []


def test_one_that_comes_back_is_over():
    losses = curve()
    losses[1200:1300] += 1.0
    (one,) = found(losses)
    assert not one.open and 1295 <= one.last <= 1350


SILENT = {
    "a spike": lambda rng, n: curve(n) + 3 * (np.arange(n) % 700 == 699),
    "a short burst": lambda rng, n: curve(n) + 0.5 * ((np.arange(n) % 900) > 886),
    "small batches": lambda rng, n: 2 + 0.7 * rng.standard_normal(n),
    "a steep fall, then flat": lambda rng, n: 30 * np.exp(-np.arange(n) / 20) + 2 + 0.1 * rng.standard_normal(n),
    "noise that remembers": lambda rng, n: curve(n, noise=0) + smooth_noise(rng, n, 0.02, 0.98),
    "epochs": lambda rng, n: curve(n, noise=0) - 0.2 * (np.arange(n) // 500) + 0.06 * (np.arange(n) % 500) / 500
    + 0.03 * rng.standard_normal(n),
    "up at the start, then down": lambda rng, n: curve(n) + 1.5 * np.exp(-(((np.arange(n) - 10) / 6) ** 2)),
    "two kinds of batches": lambda rng, n: np.where(rng.random(n) < 0.3, 3.4, 1.5) + 0.1 * rng.standard_normal(n),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_silent_on_what_only_looks_alarming(name):
    for seed in range(5):
        assert found(SILENT[name](np.random.default_rng(seed), 4000)) == []


def rewarmed(height: float) -> tuple[np.ndarray, np.ndarray]:
    """A loss that is lifted by a re-warm at step 1,200 and stays up, and its learning rate."""
    lr = np.concatenate([np.linspace(0, 1, 100), np.linspace(1, 0.1, 1100), np.linspace(0.1, 1, 100), np.ones(1700)])
    losses = curve(3000)
    losses[1200:] += height * np.minimum(1, np.arange(1800) / 100)
    return losses, lr


def test_a_rewarm_is_held_against_its_own_level():
    losses, lr = rewarmed(0.4)
    assert found(losses, lr=lr) == []
    assert [one.severity for one in found(losses)][-1:] == [Severity.ACT]  # nothing explains it without the rate


def test_a_rewarm_that_blows_up_is_told_while_it_is_explained():
    losses, lr = rewarmed(9.0)
    (one,) = found(losses, lr=lr)
    assert one.severity is Severity.ACT and one.flagged < 1300


def test_a_divergence_after_a_rewarm_is_found():
    losses, lr = rewarmed(0.4)
    losses[2200:] += 1.0
    (one,) = found(losses, lr=lr)
    assert 2200 <= one.flagged <= 2220


def test_other_data_may_lift_the_loss_to_any_height():
    losses = curve(3000)
    losses[1500:] += 8.0
    switched = [Happening(1500, "data", "another language")]
    assert found(losses, happenings=switched) == []
    losses[2500:] += 8.0
    assert [one.first for one in found(losses, happenings=switched)] == [2500]


def test_a_run_that_unlearns_may_lose_all_it_had():
    losses = curve(3000)
    losses[1500:] += np.linspace(0, 8, 1500)
    assert any(one.severity is Severity.ACT and "unlearning=True" in one.advice for one in found(losses))
    assert found(losses, happenings=[Happening(1400, "unlearning", "forget set")]) == []
