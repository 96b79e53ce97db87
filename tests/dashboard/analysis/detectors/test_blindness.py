"""Who has too few reports, and what that says of a run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.analysis.detectors.blindness import Blind, blind, unjudged
from barograph.dashboard.analysis.detectors.detector import Facts
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.made_up_runs import faulty
from tests.dashboard.analysis.detectors.replay import replay


def test_each_detector_says_how_many_reports_it_lacks():
    found = blind({"loss": 20, "lr": 20, "grad_norm": 5})
    assert Blind("plateau", 20, 1024) in found and Blind("gradient_spike", 5, 11) in found
    assert not {"loss_spike", "divergence", "log_z"} & {one.detector for one in found}  # enough, and not recorded


def test_a_run_is_judged_from_the_first_loss_that_can_stand_out():
    assert unjudged({"loss": 6}) == "Too few losses to judge: 6 of the 7 that this needs."
    assert unjudged({"val_loss": 500}) == "Not judged: no loss recorded."
    assert unjudged({"loss": 7}) == ""


@pytest.mark.parametrize("name", [name for name, one in discover().items() if one.needs > 1])
def test_with_fewer_reports_than_it_needs_nothing_is_ever_found(name):
    detector = discover()[name]
    for seed in range(8):
        signals, happenings = faulty(1200, seed, detector.signals)
        few = {
            key: (steps[: detector.needs - 1], values[-detector.needs + 1 :])
            if key[0] in detector.own
            else (steps, values)
            for key, (steps, values) in signals.items()
        }
        facts = Facts(planned=4000, eps=1e-8, beta2=0.999, max_norm=1.0)
        assert replay(name, few, facts, happenings=happenings) == []


@settings(max_examples=60, deadline=None)
@given(every=st.integers(1, 400), height=st.floats(3, 20), seed=st.integers(0, 50))
def test_had_the_reports_been_rarer_a_lost_run_is_found_or_the_blindness_is_named(every, height, seed):
    at = np.arange(0, 4000, every)
    losses = 1.5 + 2 * (1 + at / 30) ** -0.5 + 0.02 * np.random.default_rng(seed).standard_normal(len(at))
    lost = at >= 2600
    losses[lost] *= height
    said = [*replay("loss_spike", {"loss": (at, losses)}), *replay("divergence", {"loss": (at, losses)})]
    found = [one for one in said if one.severity >= Severity.WATCH and one.open and one.last >= 2600]
    assert found or unjudged({"loss": int((~lost).sum()) + 1})


@settings(max_examples=30, deadline=None)
@given(every=st.integers(1, 400), seed=st.integers(0, 50))
def test_had_the_reports_been_rarer_a_healthy_run_is_left_in_peace(every, seed):
    at = np.arange(0, 4000, every)
    losses = 1.5 + 2 * (1 + at / 30) ** -0.5 + 0.02 * np.random.default_rng(seed).standard_normal(len(at))
    signals = {"loss": (at, losses)}
    assert replay("loss_spike", signals) == [] and replay("divergence", signals) == []
