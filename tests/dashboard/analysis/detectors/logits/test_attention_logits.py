import math

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.detector import Facts
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(0, 5000, 10)


def watch(log_peak, noise=0.15, seed=0, planned=5000, steps=STEPS, **more):
    peak = np.exp(log_peak + smooth_noise(np.random.default_rng(seed), len(steps), noise, 0.3))
    return replay("attention_logits", {"attn_logit_peak": (steps, peak)}, Facts(planned=planned), **more)


def growing(crossing, start=0.0):
    """log of a peak that starts at exp(start) and reaches 1e4 at `crossing`."""
    return start + (math.log(1e4) - start) * STEPS / crossing


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("crossing", [1500, 2500, 4000])
def test_growth_is_seen_long_before_it_crosses(crossing, seed):
    first = watch(growing(crossing), seed=seed)[0]
    assert first.severity >= Severity.WATCH
    assert first.flagged < 0.5 * crossing


def test_the_fan_at_the_first_act():
    log_peak, held = growing(4000, start=1.0), 0
    for seed in range(12):
        act = next(f for f in watch(log_peak, seed=seed) if f.severity == Severity.ACT)
        assert act.flagged < 3600
        until = STEPS <= act.flagged
        peak = np.exp(log_peak + smooth_noise(np.random.default_rng(seed), len(STEPS), 0.15, 0.3))[until]
        said = replay("attention_logits", {"attn_logit_peak": (STEPS[until], peak)}, Facts(planned=5000))
        fan = next(f.evidence for f in said if f.open)
        assert fan["crossing_low"] <= fan["crossing_mid"] <= fan["crossing_high"] < 5000
        assert fan["intercept"] == pytest.approx(np.interp(fan["at"], STEPS, log_peak), abs=0.3)
        held += fan["crossing_low"] <= 4000 <= fan["crossing_high"]
    assert held >= 8  # fewer than 90 %: the first act is where the noise happened to look worst


def test_late_growth_after_a_long_calm():
    said = watch(np.log(20) + np.maximum(0, STEPS - 3000) / 200)  # 1e4 at step 4243
    assert 3000 < said[0].flagged < 3500
    assert any(f.severity == Severity.ACT and f.flagged < 4000 for f in said)


HEALTHY = {
    "saturates at 60": np.log(60 * -np.expm1(-(STEPS + 20) / 500)),
    "saturates fast": np.log(50 * -np.expm1(-(STEPS + 5) / 60)),
    "warm-up, then flat": np.minimum(np.log(25), 0.1 + STEPS / 100),
    "a power law that slows": 0.5 * np.log1p(STEPS / 3),
    "flat": np.full(len(STEPS), np.log(45)),
    "a step to another level": np.log(15) + np.where(STEPS > 2500, 1.2, 0),
    "up and down": np.log(25) + 0.5 * np.sin(STEPS / 400),
}


@pytest.mark.parametrize("shape", HEALTHY)
def test_healthy_growth_is_silent_in_nineteen_runs_of_twenty(shape):
    alarms = [f for seed in range(20) for f in watch(HEALTHY[shape], seed=seed, noise=0.12)]
    assert len(alarms) <= 1 and not any(f.severity == Severity.ACT for f in alarms)


def test_growth_that_stops_above_a_hundred_is_watched_and_never_acted_upon():
    for seed in range(20):
        said = watch(np.log(150 * -np.expm1(-(STEPS + 20) / 500)), seed=seed)
        assert {f.severity for f in said} == {Severity.WATCH}
        assert len(said) <= 2


def test_growth_too_slow_for_the_plan_is_not_acted_upon():
    assert not any(f.severity == Severity.ACT for seed in range(10) for f in watch(growing(12_000), seed=seed))


def test_without_a_plan_it_looks_as_far_ahead_as_the_run_is_old():
    said = watch(growing(4000), planned=None)
    assert said[0].flagged < 3000 and "planned" not in said[0].evidence


def test_beyond_the_limit_at_once():
    values = np.where(STEPS < 100, 5.0, 2e4)
    said = replay("attention_logits", {"attn_logit_peak": (STEPS, values)}, Facts(planned=5000))
    assert [(f.severity, f.flagged) for f in said] == [(Severity.ACT, 110)]  # the second sample of the last three
    values[20:] = np.inf
    assert replay("attention_logits", {"attn_logit_peak": (STEPS, values)})[0].severity == Severity.ACT


def test_it_closes_when_the_logits_have_come_down():
    said = watch(np.where(STEPS < 2000, growing(3000), np.log(8)))
    assert said and not any(f.open for f in said)
    assert all(f.last <= 2050 for f in said)


def test_it_names_the_head_that_leads_from_the_heads_alone():
    noise = np.random.default_rng(0).standard_normal((4, len(STEPS))) * 0.1
    logs = {("attn_logit_max", f"blocks.{k}", "1"): np.log(8) + noise[k] for k in range(4)}
    logs["attn_logit_max", "blocks.2", "1"] = growing(4000) + noise[2]
    logs["attn_logit_max", "blocks.2", "1"][STEPS < 500] = 1
    signals = {key: (STEPS, np.exp(column)) for key, column in logs.items()}
    said = replay("attention_logits", signals, Facts(planned=5000))
    assert said[0].part == "blocks.2/1" and "blocks.2/1" in said[0].sentence


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    log_peak = np.log(20) + np.maximum(0, STEPS - 2000) / 300 - np.maximum(0, STEPS - 3000) / 150
    more = {"seed": seed, "noise": 0.2}
    assert watch(log_peak, **more) == watch(log_peak, **more, cuts=any_cuts(seed, 5000)) != []
