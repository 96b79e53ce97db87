"""Every detector of the folder keeps the contract."""

from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.analysis.detectors.detector import Facts, News
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.made_up_runs import faulty, healthy, parts
from tests.dashboard.analysis.detectors.replay import replay

DETECTORS = discover()
FACTS = Facts(planned=4000, eps=1e-8, beta2=0.999, max_norm=1.0)
each = pytest.mark.parametrize("name", DETECTORS)


def keyed(findings) -> dict:
    return {one.key: one for one in findings}


@each
def test_it_is_described(name):
    detector = DETECTORS[name]
    assert detector.name == name and detector.start(FACTS) is not detector.start(FACTS)
    assert detector.sentence.endswith(".") and detector.sentence[0].isupper()
    assert len(set(detector.signals)) == len(detector.signals)


@each
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 5), cuts=st.lists(st.integers(0, 1500), max_size=25))
def test_cuts_do_not_matter(name, seed, cuts):
    signals, happenings = faulty(1500, seed, DETECTORS[name].signals)
    whole = keyed(replay(name, signals, FACTS, happenings=happenings))
    assert keyed(replay(name, signals, FACTS, cuts, happenings)) == whole


@each
def test_one_step_at_a_time_is_no_different(name):
    signals, happenings = faulty(600, 7, DETECTORS[name].signals)
    whole = keyed(replay(name, signals, FACTS, happenings=happenings))
    assert keyed(replay(name, signals, FACTS, range(600), happenings)) == whole


@each
@pytest.mark.parametrize("scale", [0.01, 1.0, 300.0])
@pytest.mark.parametrize("noise", [0.0, 0.02, 0.3])
def test_a_healthy_run_is_left_in_peace(name, scale, noise):
    for seed in range(3):
        found = replay(name, healthy(3000, seed, scale, noise, DETECTORS[name].signals), FACTS)
        assert [one.sentence for one in found if one.severity > Severity.NOTE] == []


ODD = {
    "empty": np.empty(0),
    "one point": np.ones(1),
    "nan": np.full(300, np.nan),
    "infinite": np.full(300, np.inf),
    "minus infinite": np.full(300, -np.inf),
    "mixed": np.tile([1.0, np.nan, np.inf, -np.inf, 0.0], 60),
    "zero": np.zeros(300),
    "constant": np.full(300, 2.5),
    "negative": -np.arange(300.0),
    "huge": np.full(300, 1e308) * np.tile([1, -1], 150),
    "tiny": np.full(300, 5e-324),
    "growing": 10.0 ** np.linspace(-300, 300, 300),
}


@each
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_odd_values_are_no_problem(name, odd):
    values = ODD[odd]
    steps = np.arange(len(values), dtype=np.int64)
    watch = DETECTORS[name].start(Facts())
    points = {s: {part: (steps, values) for part in parts(s)} for s in DETECTORS[name].signals}
    findings = watch.see(News(len(values), points)) + watch.see(News(len(values) + 1)) + watch.see(News(10**9))
    for one in findings:
        well_formed(one, name, 10**9)


@each
def test_what_it_says_is_well_formed(name):
    for seed in range(4):
        signals, happenings = faulty(3000, seed, DETECTORS[name].signals)
        for one in replay(name, signals, FACTS, happenings=happenings):
            well_formed(one, name, 3000)


def well_formed(one, name: str, until: int) -> None:
    assert one.kind == name and isinstance(one.severity, Severity)
    assert one.first <= one.last <= until and one.first <= one.flagged <= until
    assert all(isinstance(step, int) for step in (one.first, one.last, one.flagged))
    assert one.sentence.endswith(".") and "nan" not in one.sentence.lower().replace("is nan", "").split()
    assert 0 <= one.confidence <= 1 and math.isfinite(one.confidence)
    assert all(isinstance(value, int | float) for value in one.evidence.values())
    json.dumps(one.evidence, allow_nan=False)
    assert one.advice or one.severity == Severity.NOTE


@each
def test_it_speaks_of_the_past_only(name):
    signals, happenings = faulty(1500, 11, DETECTORS[name].signals)
    watch, low = DETECTORS[name].start(FACTS), -1
    for until in range(99, 1500, 100):
        points: dict = {}
        for (signal, *part), (steps, values) in signals.items():
            new = (steps > low) & (steps <= until)
            points.setdefault(signal, {})[tuple(part)] = steps[new], values[new]
        for one in watch.see(News(until, points, tuple(h for h in happenings if low < h.step <= until))):
            assert max(one.last, one.flagged) <= until
        low = until


@each
def test_its_memory_is_bounded(name):
    names = DETECTORS[name].signals
    watch, sizes = DETECTORS[name].start(FACTS), []
    whole = healthy(40_000, names=names)
    for lo in range(0, 40_000, 4000):
        points: dict = {}
        for (signal, *part), (steps, values) in whole.items():
            new = (steps >= lo) & (steps < lo + 4000)
            points.setdefault(signal, {})[tuple(part)] = steps[new], values[new]
        watch.see(News(lo + 3999, points))
        sizes.append(len(pickle.dumps(watch)))
    assert sizes[-1] < 1.25 * max(sizes[:5]) + 4096
