"""Jumps of the loss, at any scale and cadence."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.detector import Happening
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import replay, smooth_noise


def curve(n: int = 2000, seed: int = 0, noise: float = 0.03) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 1.5 + 2 * (1 + np.arange(n) / 30) ** -0.5 + noise * rng.standard_normal(n)


def spikes(losses, every: int = 1, **more) -> list:
    return replay("loss_spike", {"loss": (every * np.arange(len(losses)), losses)}, **more)


@pytest.mark.parametrize("every", [1, 10, 500])
@pytest.mark.parametrize("scale", [0.005, 1.0, 300.0])
def test_a_jump_is_found_where_it_is_and_came_back(scale, every):
    losses = curve()
    losses[1200:1203] += [1.0, 2.0, 0.6]
    (one,) = spikes(scale * losses, every)
    assert (one.first, one.last, one.flagged) == (1200 * every, 1202 * every, 1200 * every)
    assert one.severity is Severity.WATCH and not one.open
    assert one.evidence["recovered_after"] == 3 * every and one.evidence["peak_step"] == 1201 * every
    assert f"{scale * losses[1201]:.4g}" in one.sentence and f"back after {3 * every:,} steps" in one.sentence


def test_one_that_stays_up_says_so():
    losses = curve()
    losses[1200:] += 1.0
    (one,) = spikes(losses)
    assert "recovered_after" not in one.evidence and "it stayed higher" in one.sentence


def test_a_fresh_one_is_open():
    losses = curve()
    losses[-2] += 1.0
    (one,) = spikes(losses)
    assert one.open and "back after 1 steps" in one.sentence
    (one,) = spikes(losses[:-1])
    assert one.open and "not back yet" in one.sentence


def test_spikes_near_each_other_are_one_finding_that_counts_them():
    losses = curve()
    losses[[1200, 1220, 1221, 1240, 1500]] += 1.0
    first, second = spikes(losses)
    assert first.evidence["spikes"] == 3 and (first.first, first.last) == (1200, 1240) and second.first == 1500


def test_in_a_run_of_a_hundred_steps():
    losses = curve(100, noise=0.1)
    losses[30] += 8
    assert [one.first for one in spikes(losses)] == [30]


def falling(n: int, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """A whole run in n reports: down to a tenth, steeply at first."""
    at = np.arange(n) / n
    return 0.4 + 3.6 * np.exp(-8 * at) + 0.5 * (1 - at) + noise * np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("n, at", [(20, 19), (50, 26), (50, 49), (128, 65), (300, 151), (500, 499)])
def test_a_jump_in_a_run_of_few_reports_is_found(n, at):
    losses = falling(n, noise=0.01)
    losses[at] += 1.5
    assert [one.first for one in spikes(losses, 1000)] == [at * 1000]


def test_the_seventh_report_is_the_first_that_can_stand_out():
    losses = np.array([3.2, 2.5, 2.1, 1.9, 1.8, 1.75, 8.9])
    assert [one.first for one in spikes(losses, 100)] == [600]
    assert spikes(losses[[0, 1, 2, 3, 4, 6]], 100) == []


FEW = {
    "white noise": lambda rng, n: 2 + 0.7 * rng.standard_normal(n),
    "skewed noise": lambda rng, n: rng.lognormal(0, 0.3, n),
    "noise that remembers": lambda rng, n: 2 + smooth_noise(rng, n, 0.1, 0.95),
    "a steep fall": lambda rng, n: falling(n) + 0.02 * rng.standard_normal(n),
    "a slow fall": lambda rng, n: 2 - np.arange(n) / n + 0.05 * rng.standard_normal(n),
}


@pytest.mark.parametrize("name", FEW)
def test_silent_on_few_reports_that_only_look_alarming(name):
    for seed in range(20):
        for n in (8, 12, 30, 100):
            assert spikes(FEW[name](np.random.default_rng(seed), n), 100) == []


SILENT = {
    "steep fall": lambda rng, n: 30 * np.exp(-np.arange(n) / 50) + 0.5 + 0.02 * rng.standard_normal(n),
    "small batches": lambda rng, n: 2 + 0.7 * rng.standard_normal(n),
    "skewed batches": lambda rng, n: rng.lognormal(0, 0.3, n),
    "two kinds of batches": lambda rng, n: np.where(rng.random(n) < 0.4, 3.4, 1.5) + 0.1 * rng.standard_normal(n),
    "noise that remembers": lambda rng, n: 2 + smooth_noise(rng, n, 0.1, 0.95),
    "epochs": lambda rng, n: 2 - 0.2 * (np.arange(n) // 500) + 0.03 * np.arange(n) % 500 / 500
    + 0.05 * rng.standard_normal(n),
    "noise falls with the learning rate": lambda rng, n: 2 + rng.standard_normal(n) * np.linspace(0.3, 0.01, n),
    "through zero": lambda rng, n: 1 - np.arange(n) / 1000 + 0.02 * rng.standard_normal(n),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_silent_on_what_only_looks_alarming(name):
    for seed in range(5):
        found = spikes(SILENT[name](np.random.default_rng(seed), 4000))
        assert [one for one in found if one.first > 200] == []


def test_a_rise_that_is_explained_is_no_spike():
    losses = curve()
    losses[1200:1210] += 1.0
    assert spikes(losses, happenings=[Happening(1195, "data", "code")]) == []
    losses[1500] += 1.0  # long after
    assert [one.first for one in spikes(losses, happenings=[Happening(1195, "data", "code")])] == [1500]
